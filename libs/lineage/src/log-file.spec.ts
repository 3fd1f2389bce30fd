import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogFile } from './log-file';

describe('LogFile', () => {
  let folder: string;
  let failures: [number, string][];
  const make = (path: string): LogFile => new LogFile(path, (...failure) => failures.push(failure));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lineage-log-'));
    failures = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('appends lines, makes the folders they go into, and lets nobody else read them', async () => {
    const path = join(folder, 'deep', 'er', 'log.ndjson');
    const file = make(path);
    for (const line of ['one', 'two', 'three']) file.append(line);
    await file.settled();
    file.close();
    file.append('after closing');
    await file.settled();
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\nafter closing\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('has everything in the file at once when the process ends, a write under way included', () => {
    const path = join(folder, 'log.ndjson');
    const file = make(path);
    for (const line of ['one', 'two', 'three']) file.append(line);
    file.drainSync();
    file.close();
    // The write under way may or may not have made it: its line may be there twice, never in parts or missing.
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    expect(new Set(lines)).toEqual(new Set(['one', 'two', 'three']));
  });

  it('holds more than may wait in memory', () => {
    const path = join(folder, 'log.ndjson');
    const file = make(path);
    const line = 'x'.repeat(1000);
    for (let count = 0; count < 10_000; count += 1) file.append(line);
    file.drainSync();
    file.close();
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    expect(lines.length).toBeGreaterThanOrEqual(10_000);
    expect(new Set(lines)).toEqual(new Set([line]));
    expect(failures).toEqual([]);
  });

  it('tells how many lines it could not write', async () => {
    writeFileSync(join(folder, 'file'), '');
    const file = make(join(folder, 'file', 'log.ndjson'));
    file.append('one');
    file.append('two');
    await file.settled();
    file.append('three');
    file.drainSync();
    expect(failures.reduce((sum, [lines]) => sum + lines, 0)).toBe(3);
    expect(failures[0]?.[1]).toMatch(/ENOTDIR|EEXIST/);
  });
});
