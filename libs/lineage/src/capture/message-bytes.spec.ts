import { hash } from 'node:crypto';
import fc from 'fast-check';
import { fingerprint } from '../fingerprint';
import { hostileValue } from '../testing/hostile';
import { messageBytes } from './message-bytes';

const message = fc.oneof(
  hostileValue,
  fc.anything({ withDate: true, withNullPrototype: true }).map((value) => () => value),
  fc.uint8Array().map((value) => () => value),
  fc.uint8Array().map((value) => () => new Uint16Array(value).buffer),
);

describe('messageBytes', () => {
  it('keeps exactly the bytes that the hash of the message is made of, or nothing', () => {
    fc.assert(
      fc.property(message, (make) => {
        const value = make();
        if (value === undefined) return;
        const found = messageBytes(value);
        expect(found.hash).toBe(fingerprint(value));
        if ('bytes' in found) expect(found.hash).toBe(`sha256:${hash('sha256', found.bytes)}`);
        else expect(found.hash).not.toMatch(/^sha256:/);
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ['bytes as they are', Buffer.from([0, 255]), 'bin'],
    ['text as UTF-8', 'ü', 'txt'],
    ['data as canonical JSON', { b: new Date(0), a: [undefined, 1e21] }, 'json'],
  ])('keeps %s', (_what, value, kind) => {
    const found = messageBytes(value) as { bytes: Uint8Array; kind: string };
    expect(found.kind).toBe(kind);
    expect(Buffer.from(found.bytes)).toEqual(
      kind === 'bin'
        ? value
        : Buffer.from(kind === 'txt' ? 'ü' : '{"a":[null,1e+21],"b":"1970-01-01T00:00:00.000Z"}'),
    );
  });

  it('says of a message that is no data, or not exactly, why it is not kept', () => {
    expect(messageBytes(() => 1)).toMatchObject({ reason: 'function only stands for data' });
    expect(messageBytes({ body: Buffer.of(1) })).toMatchObject({ reason: 'JSON cannot say it exactly' });
    expect(messageBytes(new Set([1]))).toMatchObject({ reason: 'JSON cannot say it exactly' });
  });

  it('gives copies that nobody changes the message by', () => {
    const bytes = Buffer.of(1);
    const data = { list: [1] };
    for (const each of [bytes, data]) {
      const { copy } = messageBytes(each) as { copy(): unknown };
      const copied = copy();
      if (Buffer.isBuffer(copied)) copied[0] = 2;
      else (copied as typeof data).list.push(2);
    }
    expect({ bytes, data }).toEqual({ bytes: Buffer.of(1), data: { list: [1] } });
  });
});
