import { execFileSync } from 'node:child_process';
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

  it.each(['/proc/x/y/log.ndjson', '/proc/self/x/log.ndjson'])('comes back from %s', (path) => {
    const file = make(path);
    file.append('one');
    file.drainSync();
    expect(failures).toEqual([[1, expect.stringMatching(/ENOENT|EACCES/)]]);
  });

  it('does not wait for somebody to read a pipe', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const file = make(join(folder, 'pipe'));
    file.append('one');
    file.drainSync();
    expect(failures).toEqual([[1, expect.stringContaining('ENXIO')]]);
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
