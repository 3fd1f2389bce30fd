import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  countPayloads,
  hasPayloads,
  makePayloadFolder,
  payloadFolder,
  payloadPath,
  writePayloadFile,
} from './index';

const isLinux = process.platform === 'linux';

describe('the payloads in a folder', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'payloads-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What this process has open of the folder, where that can be told. */
  const opened = (): string[] =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
      } catch {
        return false;
      }
    });

  it('are looked for without leaving the folder open', () => {
    expect(hasPayloads(folder)).toBe(false);
    makePayloadFolder(folder);
    expect(hasPayloads(folder)).toBe(false);
    const path = payloadPath(payloadFolder(folder), `sha256:${'a'.repeat(64)}`, 'bin');
    writePayloadFile(path, Buffer.from('left'));
    expect(hasPayloads(folder)).toBe(true);
    const another = payloadPath(payloadFolder(folder), `sha256:${'b'.repeat(64)}`, 'bin');
    writePayloadFile(another, Buffer.from('left'));
    expect([0, 1, 5].map((most) => countPayloads(folder, most))).toEqual([0, 1, 2]);
    expect(isLinux ? opened() : []).toEqual([]);
  });
});
