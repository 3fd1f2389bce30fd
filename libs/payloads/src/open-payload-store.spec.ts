import { resolve } from 'node:path';
import { defaultPayloadStore, isPayloadStoreUrl, openPayloadStore } from './open-payload-store';

describe('the URL of a payload store', () => {
  it.each([
    ['file:///var/lib/payloads', '/var/lib/payloads'],
    ['file:/var/lib/payloads', '/var/lib/payloads'],
    ['file:payloads', resolve('payloads')],
    ['file:./a b', resolve('a b')],
    ['file:///a%20b', '/a b'],
  ])('%s is the folder %s', (url, folder) => {
    expect(isPayloadStoreUrl(url)).toBe(true);
    expect(openPayloadStore(url).name).toBe(`file:${folder}`);
  });

  it.each([
    ['s3://payloads', 's3://payloads/'],
    ['s3://payloads/of/lineage/?region=eu-central-1', 's3://payloads/of/lineage/'],
    ['s3://payloads?endpoint=http://127.0.0.1:9000', 's3://payloads/ at http://127.0.0.1:9000'],
  ])('%s is the bucket %s', (url, name) => {
    expect(openPayloadStore(url).name).toBe(name);
  });

  it.each([
    '',
    'file:',
    's3://',
    's3://B',
    's3://b1/payloads',
    's3://-bucket/payloads',
    's3://key:secret@bucket',
    's3://bucket?secret=x',
    's3://bucket?endpoint=x',
    's3://bucket/a%00',
    'file://host/share',
    'http://x',
    '/var/lib',
    'file:///a%2Fb',
    'file:a\0b',
  ])('%j is none', (url) => {
    expect(isPayloadStoreUrl(url)).toBe(false);
    expect(() => openPayloadStore(url)).toThrow(/file:\/path.* a bucket has 3 to 63 small letters/);
  });

  it('is a folder of the user when nothing is said', () => {
    expect(defaultPayloadStore({ XDG_STATE_HOME: '/state' })).toBe('file:/state/factflow/payloads');
    expect(defaultPayloadStore({})).toMatch(/^file:\/.*\/\.local\/state\/factflow\/payloads$/);
  });
});
