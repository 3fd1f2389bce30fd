import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryMark, MemoryMark, recorderEnd, writeCheckpoint, writeRecorderLast } from './index';

describe('the end of a recorder whose process is gone', () => {
  let folder: string;
  let memory: MemoryMark;
  const end = (highest: number, isDamaged = false): object => recorderEnd(folder, { highest, isDamaged });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'recorder-end-'));
    createMemoryMark(folder);
    memory = new MemoryMark(folder);
  });
  afterEach(() => {
    memory.close();
    rmSync(folder, { recursive: true });
  });

  it('is what was found, or what was answered before, where nothing speaks against it', () => {
    expect(end(0)).toEqual({ highestSequence: 0, lost: [], closed: false });
    writeCheckpoint(folder, { segment: 1, offset: 100 }, 12);
    expect(end(0)).toEqual({ highestSequence: 12, lost: [], closed: false });
    expect(end(15)).toEqual({ highestSequence: 15, lost: [], closed: false });
  });

  it('has at least one event lost behind damage, and behind a mark that nobody took note of', () => {
    writeCheckpoint(folder, { segment: 1, offset: 100 }, 12);
    expect(end(0, true)).toMatchObject({ highestSequence: 13, lost: [[13, 13]] });
    memory.mark(1);
    expect(end(20)).toMatchObject({ highestSequence: 21, lost: [[21, 21]] });
    memory.note({ noted: 1, made: 0, answered: 0 });
    expect(end(20)).toMatchObject({ highestSequence: 20, lost: [] });
  });

  it('has all lost that was in memory when it was noted last and is not answered, and one more after that', () => {
    memory.mark(1);
    memory.note({ noted: 1, made: 30, answered: 24 });
    expect(end(20)).toMatchObject({ highestSequence: 30, lost: [[25, 30]] });
    expect(end(30)).toMatchObject({ highestSequence: 30, lost: [] });
    memory.mark(2);
    expect(end(20)).toMatchObject({ highestSequence: 31, lost: [[25, 31]] });
  });

  it('has what the recorder gave up, as one with what was in memory, and stays the same when it is written down', () => {
    memory.mark(1);
    writeRecorderLast(folder, { highestSequence: 400, lost: [[101, 400]], closed: false });
    const told = recorderEnd(folder, { highest: 60, isDamaged: false });
    expect(told).toEqual({ highestSequence: 400, lost: [[61, 400]], closed: false });
    writeCheckpoint(folder, { segment: 1, offset: 100 }, 60);
    writeRecorderLast(folder, told);
    expect(end(0)).toEqual(told);
  });

  it('names as many ranges as the command app takes', () => {
    const lost = Array.from({ length: 1000 }, (_, n): [number, number] => [2 * n + 1, 2 * n + 1]);
    writeRecorderLast(folder, { highestSequence: 2_000, lost, closed: false });
    const told = recorderEnd(folder, { highest: 3_000, isDamaged: true });
    expect(told.lost).toHaveLength(1000);
    expect(told.lost.at(-1)).toEqual([1999, 3001]);
  });

  it('is not made worse by a file that cannot be read', () => {
    writeFileSync(join(folder, 'memory'), 'something else');
    expect(end(5)).toMatchObject({ highestSequence: 5, lost: [] });
  });
});
