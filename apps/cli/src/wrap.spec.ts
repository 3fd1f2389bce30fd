import * as fc from 'fast-check';
import { wrap } from './wrap';

describe('wrapping', () => {
  it('breaks lines between words, as late as it can', () => {
    expect(wrap('every record of it has settled', 12)).toEqual(['every record', 'of it has', 'settled']);
    expect(wrap('a 0123456789-0123456789 z', 12)).toEqual(['a', '0123456789-0123456789', 'z']);
    expect(wrap('', 12)).toEqual(['']);
  });

  it('loses nothing and breaks no word', () => {
    const words = fc.array(fc.stringMatching(/^[a-z.-]{1,12}$/), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 40 }), (all, width) => {
        const lines = wrap(all.join(' '), width);
        expect(lines.join(' ')).toBe(all.join(' '));
        for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true);
      }),
    );
  });
});
