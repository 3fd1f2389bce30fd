import * as fc from 'fast-check';
import { normaliseMessage } from './normalise-message';

describe('a normalised message', () => {
  it.each([
    ['quota exceeded', 'quota exceeded'],
    ['chunk 17 of 200 is empty', 'chunk <n> of <n> is empty'],
    ['chunk17: took 12.5ms, 1,000 left', 'chunk<n>: took <n>ms, <n> left'],
    ['no record 01900000-0000-7000-8000-00000000000E', 'no record <id>'],
    ['connect ECONNREFUSED 10.0.0.1:5432', 'connect ECONNREFUSED <n>'],
    ["ENOENT: no such file, open '/var/data/a.pdf'", 'ENOENT: no such file, open <text>'],
    ['cannot read /var/data/a b.pdf:12:3', 'cannot read <path> b.pdf:<n>'],
    ['cannot read ../x/y and ~/z, or C:\\a\\b.txt', 'cannot read <path> and <path>, or <path>'],
    ['and/or 1/2 N/A', 'and/or <n>/<n> N/A'],
    ['unexpected "}" at `a`, “b”', 'unexpected <text> at <text>, <text>'],
    ["it can't be, isn't it", "it can't be, isn't it"],
    ['GET https://host:8080/a?b=c failed (502)', 'GET <url> failed (<n>)'],
    ['at 2026-11-22T20:34:00.123Z, until 2026-11-22 or 20:34:00', 'at <time>, until <time> or <time>'],
    ['at 2026-11-22 20:34:00+01:00 sharp', 'at <time> sharp'],
    ['pointer 0x7ffEE1, digest sha256:00ff00ff00ff00ff', 'pointer <hex>, digest sha<n>:<hex>'],
    ['defaced facade beadedbead', 'defaced facade beadedbead'],
    ['job 01ARZ3NDEKTSV4RRFFQ69G5FAV is gone', 'job <id> is gone'],
    ['InternationalizationError', 'InternationalizationError'],
    ['two\n  lines\tof text ', 'two lines of text'],
    ['', ''],
  ])('of %j is %j', (message, expected) => {
    expect(normaliseMessage(message)).toBe(expected);
  });

  it('is the same for any ids, numbers, quoted texts and times', () => {
    const parts = fc.record({
      id: fc.uuid(),
      count: fc.nat(),
      name: fc.stringMatching(/^[a-z ]{0,20}$/),
      at: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
    });
    fc.assert(
      fc.property(parts, ({ id, count, name, at }) => {
        const message = `chunk ${count} ("${name}") of ${id} was late at ${at.toISOString()}`;
        expect(normaliseMessage(message)).toBe('chunk <n> (<text>) of <id> was late at <time>');
      }),
    );
  });

  it('is short, well-formed, and of any text within a moment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        expect(normaliseMessage(text).length).toBeLessThanOrEqual(301);
      }),
    );
    for (const unit of ['"', "'a", '/', '1:', 'a1', '<', 'https://', '0x', 'ab-', '\\', '1,', '“', 'f0 ']) {
      const hostile = unit.repeat(8192 / unit.length);
      for (let n = 0; n < 200; n += 1) normaliseMessage(hostile);
    }
  });
});
