import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  JournalReader,
  JournalWriter,
  makePrivateFolder,
  readCheckpoint,
  recorderEnd,
  segmentPath,
  type JournalFault,
} from './index';

const ALL = { maxLines: Infinity, maxBytes: Infinity };
const textOf = (n: number): string => JSON.stringify({ n, text: `ä ${'x'.repeat(n % 50)} {"n":1} ☃` });

describe('a journal', () => {
  let folder: string;
  let faults: JournalFault[];
  let segment: number;
  const writer = (segmentBytes?: number): JournalWriter =>
    new JournalWriter({
      folder,
      nextSegment: () => (segment += 1),
      ...(segmentBytes ? { segmentBytes } : {}),
    });
  const reader = (live = false): JournalReader =>
    new JournalReader({ folder, live, onFault: (fault) => faults.push(fault) });
  const read = (): string[] =>
    reader()
      .peek(ALL)
      .map(({ text }) => text);
  const write = (count: number, segmentBytes?: number): string[] => {
    const texts = Array.from({ length: count }, (_, n) => textOf(n));
    const to = writer(segmentBytes);
    for (const text of texts) to.append(text);
    to.close();
    return texts;
  };

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'journal-')), 'run');
    makePrivateFolder(folder);
    faults = [];
    segment = 0;
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  it('gives lines back in their order, over segments, as many as are asked for', () => {
    const texts = write(100, 500);
    expect(readdirSync(folder).length).toBeGreaterThan(5);
    const from = reader();
    const seen: string[] = [];
    for (let lines = from.peek({ maxLines: 7, maxBytes: 400 }); lines.length > 0;) {
      expect(lines.length).toBeLessThanOrEqual(7);
      seen.push(...lines.map(({ text }) => text));
      from.accept((lines.at(-1) as (typeof lines)[0]).end);
      lines = from.peek({ maxLines: 7, maxBytes: 400 });
    }
    expect(seen).toEqual(texts);
    expect(faults).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('goes on where it was accepted, after a restart too, and removes finished segments', () => {
    const texts = write(100, 500);
    const lines = reader().peek({ maxLines: 50, maxBytes: Infinity });
    reader().accept((lines.at(-1) as (typeof lines)[0]).end);
    expect(read()).toEqual(texts.slice(50));
    expect(readdirSync(folder)).not.toContain('00000001.ndjson');
    writeFileSync(join(folder, 'checkpoint'), '{"segm');
    expect(read().at(-1)).toBe(texts.at(-1));
  });

  it('shows a live reader what is appended, and no part of a line', () => {
    const to = writer();
    const from = reader(true);
    expect(from.peek(ALL)).toEqual([]);
    to.append(textOf(1));
    expect(from.peek(ALL)).toHaveLength(1);
    appendFileSync(segmentPath(folder, 1), readFileSync(segmentPath(folder, 1)).subarray(0, 20));
    expect(from.peek(ALL)).toHaveLength(1);
    expect(faults).toEqual([]);
    to.close();
    to.append(textOf(2));
    expect(from.peek(ALL).map(({ text }) => text)).toEqual([textOf(1), textOf(2)]);
    expect(faults).toMatchObject([{ file: segmentPath(folder, 1), bytes: 20, reason: 'torn' }]);
    from.peek(ALL);
    expect(faults).toHaveLength(1);
    to.close();
  });

  it('leaves segments alone behind the last one it is to read, and misses none that come before them', () => {
    let upTo = 5;
    const from = new JournalReader({
      folder,
      live: true,
      onFault: (fault) => faults.push(fault),
      upTo: () => upTo,
    });
    const seen = (): string[] => from.peek(ALL).map(({ text }) => text);
    const to = writer();
    const append = (number: number): void => {
      segment = number - 1;
      to.append(textOf(number));
      to.close();
    };
    append(1);
    append(7);
    const [first] = from.peek(ALL);
    from.accept((first as NonNullable<typeof first>).end);
    expect(seen()).toEqual([]);
    append(4);
    expect(seen()).toEqual([textOf(4)]);
    upTo = Infinity;
    expect(seen()).toEqual([textOf(4), textOf(7)]);
    expect(faults).toEqual([]);
  });

  it('takes a line larger than what is read at once, and one whose last line break is missing', () => {
    const large = JSON.stringify({ text: '☃'.repeat(300_000) });
    const to = writer();
    to.append(large);
    to.append(textOf(1));
    to.close();
    truncateSync(segmentPath(folder, 1), statSync(segmentPath(folder, 1)).size - 1);
    expect(read()).toEqual([large, textOf(1)]);
    expect(faults).toEqual([]);
  });

  it('takes a line whose break is damaged before the little that is left of the next one', () => {
    const to = writer();
    to.append(textOf(1));
    to.append(textOf(2));
    to.close();
    const bytes = readFileSync(segmentPath(folder, 1));
    const end = 9 + Buffer.byteLength(textOf(1));
    bytes[end] = 0x0b;
    for (const left of [0, 1, 8, 9]) {
      [faults, segment] = [[], 0];
      writeFileSync(segmentPath(folder, 1), bytes.subarray(0, end + 1 + left));
      expect(read()).toEqual([textOf(1)]);
      expect(faults).toHaveLength(left === 0 ? 0 : 1);
    }
  });

  it('reads everything intact and invents nothing, whatever is flipped and cut off', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 6 }),
        fc.option(fc.nat()),
        (count, flips, cutAt) => {
          rmSync(folder, { recursive: true });
          makePrivateFolder(folder);
          [faults, segment] = [[], 0];
          const texts = write(count);
          const bytes = readFileSync(segmentPath(folder, 1));
          const touched = flips.map(([at, by]) => {
            const place = at % bytes.length;
            bytes[place] = (bytes[place] as number) ^ by;
            return place;
          });
          const kept = cutAt === null ? bytes.length : cutAt % (bytes.length + 1);
          writeFileSync(segmentPath(folder, 1), bytes.subarray(0, kept));
          const found = read();
          let start = 0;
          const intact = texts.filter((text) => {
            const [from, to] = [start, start + 9 + Buffer.byteLength(text)];
            start = to + 1;
            return to <= kept && !touched.some((place) => place >= from && place < to);
          });
          // A byte may be flipped twice, back to what it was.
          expect(found.filter((text) => intact.includes(text))).toEqual(intact);
          expect(found.every((text) => texts.includes(text))).toBe(true);
          expect(found.length).toBeLessThanOrEqual(count);
          if (found.length < count && kept === bytes.length) expect(faults.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500, examples: [[4, [[2044110566, 1]], 2124515212]] },
    );
  });

  it('skips what is longer than any line, in bounded memory, and reads on behind it', () => {
    write(1);
    const bytes = readFileSync(segmentPath(folder, 1));
    const size = 1.5 * 1024 ** 3;
    truncateSync(segmentPath(folder, 1), 0);
    truncateSync(segmentPath(folder, 1), size);
    appendFileSync(segmentPath(folder, 1), Buffer.concat([Buffer.from('\n'), bytes]));
    const before = process.memoryUsage().arrayBuffers;
    const from = reader();
    expect(from.peek(ALL).map(({ text }) => text)).toEqual([textOf(0)]);
    expect(faults).toEqual([{ file: segmentPath(folder, 1), offset: 0, bytes: size + 1, reason: 'damaged' }]);
    expect(from.endsDamaged).toBe(false);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 ** 2);
    truncateSync(segmentPath(folder, 1), size);
    const all = reader();
    expect(all.peek(ALL)).toEqual([]);
    expect(all.endsDamaged).toBe(true);
  }, 60_000);

  it('does not wait for a pipe that lies in the place of a file', () => {
    write(1);
    for (const path of [segmentPath(folder, 2), join(folder, 'checkpoint'), join(folder, 'last.json')])
      execFileSync('mkfifo', [path]);
    expect(read()).toEqual([textOf(0)]);
    expect(faults).toMatchObject([{ file: segmentPath(folder, 2) }]);
    expect(recorderEnd(folder, { highest: 3, isDamaged: false })).toMatchObject({ highestSequence: 3 });
  });

  it('knows whether it ends with something damaged, which a torn line is not', () => {
    write(3);
    const bytes = readFileSync(segmentPath(folder, 1));
    const endsDamaged = (content: Uint8Array): boolean => {
      writeFileSync(segmentPath(folder, 1), content);
      const from = reader();
      for (let lines = from.peek({ maxLines: 1, maxBytes: 1 }); lines.length > 0;) {
        from.accept((lines[0] as (typeof lines)[0]).end, 1);
        lines = from.peek({ maxLines: 1, maxBytes: 1 });
      }
      rmSync(join(folder, 'checkpoint'));
      return from.endsDamaged;
    };
    const flipped = (place: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy[place] = (copy[place] as number) ^ 1;
      return copy;
    };
    expect(endsDamaged(bytes)).toBe(false);
    expect(endsDamaged(bytes.subarray(0, bytes.length - 5))).toBe(false);
    expect(endsDamaged(flipped(20))).toBe(false);
    expect(endsDamaged(flipped(bytes.length - 5))).toBe(true);
  });

  it('never appends to a segment that a write failed on, nor to one that is there', () => {
    writeFileSync(segmentPath(folder, 1), 'somebody');
    const to = writer();
    to.append(textOf(1));
    to.close();
    expect(readFileSync(segmentPath(folder, 1), 'utf8')).toBe('somebody');
    expect(read()).toEqual([textOf(1)]);
  });

  it('keeps folders and files to their user, and follows no links', () => {
    chmodSync(folder, 0o755);
    makePrivateFolder(folder);
    write(1);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(segmentPath(folder, 1)).mode & 0o777).toBe(0o600);
    const elsewhere = join(folder, '..', 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(folder, 'link'));
    expect(() => makePrivateFolder(join(folder, 'link'))).toThrow('is not a folder');
    symlinkSync(segmentPath(folder, 1), segmentPath(folder, 2));
    expect(read()).toEqual([textOf(0)]);
    expect(faults).toMatchObject([
      { file: segmentPath(folder, 2), reason: expect.stringContaining('ELOOP') },
    ]);
    symlinkSync('/etc/hostname', join(folder, 'checkpoint'));
    expect(readCheckpoint(folder)).toEqual({ segment: 0, offset: 0 });
  });
});
