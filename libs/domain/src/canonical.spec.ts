import { createHash } from 'node:crypto';
import { canonicalJson, hashOf } from './canonical';

const sha256 = (data: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(data).digest('hex')}`;

describe('hashOf', () => {
  it('hashes bytes as they are and text as UTF-8', () => {
    expect(hashOf(new Uint8Array([0, 255]))).toBe(sha256(new Uint8Array([0, 255])));
    expect(hashOf('ü')).toBe(sha256(new Uint8Array([0xc3, 0xbc])));
  });

  it('hashes other values as canonical JSON, whatever the order of their keys', () => {
    expect(hashOf({ b: [1e21, -0], a: '€' })).toBe(sha256('{"a":"€","b":[1e+21,0]}'));
    expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
  });

  it.each([[NaN], [10n], [undefined], ['lone'.concat('\ud800')]])(
    'says that %p has no canonical form',
    (value) => {
      expect(() => canonicalJson(value)).toThrow();
    },
  );
});
