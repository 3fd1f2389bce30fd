import fc from 'fast-check';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Control, DISK, SPOOL } from './control';
import { GivenUp } from './given-up';
import { SharedRing } from './shared-ring';
import { Spool } from './spool';
import { SpoolBacklog } from './spool-backlog';
import { outgoing } from './testing/outgoing';

const ALL = [10_000, 10_000_000] as const;

describe('the spool between its two threads', () => {
  let directory = '';
  let folder: string;
  let control: Control;
  let ring: SharedRing;
  let spool: Spool;
  let backlog: SpoolBacklog;
  let makeBacklog: () => SpoolBacklog;
  let detours: string[];
  let made: string[];
  let sequence: number;
  /** what appends take, beginning with the next; then nothing */
  let takeMs: number[];
  let clock: number;

  const push = (count: number): void => {
    for (let each = 0; each < count; each += 1) {
      const { line } = next();
      expect(spool.push(line)).toBe(true);
      control.add('produced', 1);
    }
  };
  const next = () => {
    sequence += 1;
    const event = outgoing(sequence);
    made.push(event.line);
    return event;
  };
  const lose = (): void => {
    next();
    control.add('lost', 1);
    control.publishRange(control.get('lost'), [sequence, sequence]);
  };
  const segments = (): string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ndjson'))
      .map((name) => join(folder, name));
  const ship = (): string[] => {
    const lines: string[] = [];
    for (let events = backlog.batch(...ALL); events.length > 0; events = backlog.batch(...ALL)) {
      lines.push(...events.map(({ line }) => line));
      backlog.drop(events.length);
      control.add('settled', events.length);
    }
    return lines;
  };
  const open = (maxBytes = 1_000_000): void => {
    const options = { shared: join(directory, 'service'), folder, maxBytes };
    const info = { recorderId: 'spec', service: 'spec', host: 'spec', pid: 1, startedAt: '' };
    const now = (): number => clock;
    spool = new Spool({ ...options, info, now }, ring, control, {
      unusable: (reason) => detours.push(reason),
      detour: (mode) => detours.push(mode),
    });
    makeBacklog = () =>
      new SpoolBacklog({ ...options, onFault: ({ reason }) => detours.push(reason) }, ring, control);
    backlog = makeBacklog();
  };
  const renew = (): void => {
    if (directory !== '') close();
    directory = mkdtempSync(join(tmpdir(), 'lineage-spool-spec-'));
    folder = join(directory, 'service', 'run');
    control = new Control();
    const wrote = control.wrote.bind(control);
    // Called after every append of the recorder's side.
    control.wrote = (bytes) => {
      clock += takeMs.shift() ?? 0;
      wrote(bytes);
    };
    ring = new SharedRing({ maxEvents: 100, maxBytes: 1_000_000 });
    [detours, made, sequence] = [[], [], 0];
    [takeMs, clock] = [[], 0];
    open();
  };
  const close = (): void => {
    spool.close();
    backlog.close();
    rmSync(directory, { recursive: true });
    directory = '';
  };

  beforeEach(renew);
  afterEach(close);

  it('is on disk when a fact was taken, and is shipped from there', () => {
    push(5);
    expect(ring.length).toBe(0);
    expect(ship()).toEqual(made);
    expect(control.queued).toBe(0);
  });

  it('does without a folder that was taken away, and counts what went with it', () => {
    push(3);
    rmSync(folder, { recursive: true });
    control.setWord('spool', SPOOL.gone);
    push(2);
    expect(detours).toEqual(['its folder is gone']);
    expect(ring.length).toBe(2);
    expect(ship()).toEqual(made.slice(3));
    expect(detours.at(-1)).toBe('3 events are gone');
    expect([control.get('givenUp'), control.queued, control.spoolBytes]).toEqual([3, 0, 0]);
    expect(control.allLostRanges()).toEqual([[1, 3]]);
  });

  it('knows which facts went with a file that was removed, and appends to another one from then on', () => {
    push(2);
    expect(ship()).toHaveLength(2);
    lose();
    push(2);
    rmSync(segments()[0] as string);
    expect(ship()).toEqual([]);
    push(1);
    expect(ship()).toEqual(made.slice(-1));
    expect(control.givenUpRanges()).toEqual([[4, 5]]);
    expect(control.allLostRanges()).toEqual([[3, 5]]);
    expect([control.get('givenUp'), control.queued, control.spoolBytes]).toEqual([2, 0, 0]);
  });

  it('knows which facts are missing in the middle of what is shipped, also after a thread that broke', () => {
    push(1);
    expect(ship()).toHaveLength(1);
    push(4);
    truncateSync(segments()[0] as string, 40);
    push(2);
    open();
    expect(ship().length).toBeLessThanOrEqual(2);
    expect(control.queued).toBe(0);
    expect(control.givenUpRanges()).toContainEqual([2, expect.any(Number)]);
    expect(new GivenUp(control).answered([outgoing(9)])).toBe(1);
    expect(control.givenUpRanges().at(-1)).toEqual([8, 8]);
  });

  it('has every fact shipped, lost or gone, whatever becomes of its files, and knows which', () => {
    const step = fc.constantFrom('push', 'push', 'push', 'lose', 'ship', 'remove', 'cut', 'break');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        renew();
        push(1);
        const shipped: string[] = [];
        for (const each of steps) {
          if (each === 'push') push(1);
          else if (each === 'lose') lose();
          else if (each === 'ship') shipped.push(...ship());
          else if (each === 'break') backlog = makeBacklog();
          else if (each === 'remove') segments().forEach((file) => rmSync(file));
          else segments().forEach((file) => truncateSync(file, statSync(file).size >> 1));
        }
        shipped.push(...ship());
        const numbers = shipped.map((line) => made.indexOf(line) + 1);
        const lost = control
          .allLostRanges()
          .flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        expect([...numbers, ...lost].sort((a, b) => a - b)).toEqual(made.map((_line, n) => n + 1));
        expect([control.queued, control.allLost]).toEqual([0, lost.length]);
      }),
      { numRuns: 200 },
    );
  });

  it('takes nothing for gone whose number is taken and whose append is under way', () => {
    push(2);
    control.set('sequence', 3);
    rmSync(segments()[0] as string);
    expect(ship()).toEqual([]);
    expect(control.givenUpRanges()).toEqual([[1, 2]]);
    // The append was done before the facts were found gone, and is counted after.
    const line = next().line;
    expect(spool.push(line)).toBe(true);
    expect(ship()).toEqual([line]);
    control.add('produced', 1);
    expect(ship()).toEqual([]);
    expect([control.givenUpRanges(), control.queued]).toEqual([[[1, 2]], 0]);
  });

  it('says that it is full, ships what it has before what came later, and takes facts again', () => {
    open(2_000);
    push(20);
    expect(detours).toEqual(['full']);
    expect(ring.length).toBeGreaterThan(0);
    backlog.drainRing();
    expect(control.word('disk')).toBe(DISK.full);
    expect(ship()).toEqual(made);
    push(1);
    backlog.drainRing(performance.now() + 60_000);
    expect(control.word('disk')).toBe(DISK.fine);
    push(1);
    expect(ring.length).toBe(0);
    expect(ship()).toEqual(made.slice(-2));
  });

  it('goes on appending after a slow append among fast ones, however many follow', () => {
    takeMs = [0, 5_000, 0, 51, 50, 51];
    push(500);
    expect([detours, ring.length, control.word('disk')]).toEqual([[], 0, DISK.fine]);
    expect(ship()).toEqual(made);
  });

  it('appends ahead of a ring that is full when the disk is fast again, and ships in the order in which facts were recorded', () => {
    takeMs = [51, 51];
    push(1_000);
    expect([detours, ring.length, control.word('disk')]).toEqual([['backing off'], 100, DISK.slow]);
    expect(backlog.batch(2, 10_000_000)).toHaveLength(2);
    backlog.drop(2);
    control.add('settled', 2);
    expect(backlog.batch(1, 10_000_000).map(({ line }) => line)).toEqual(made.slice(2, 3));
    // What is shipped from the ring is not appended beside that.
    backlog.drainRing();
    expect(ring.length).toBe(100);
    expect(ship()).toEqual(made.slice(2));
    push(1);
    expect(ship()).toEqual(made.slice(-1));
  });

  it('appends what is in the ring before what it was overtaken by, whoever reads it then', () => {
    takeMs = [51, 51];
    push(300);
    backlog.drainRing();
    push(1);
    expect([ring.length, control.queued]).toEqual([0, 301]);
    backlog.close();
    backlog = makeBacklog();
    expect(ship()).toEqual(made);
  });

  it('tries a disk that stays slow once a second, whatever is recorded meanwhile', () => {
    takeMs = Array.from({ length: 100 }, () => 51);
    push(102);
    const refused = (): boolean => !spool.push(outgoing(0).line);
    push(2);
    expect(refused()).toBe(true);
    clock += 999;
    expect(refused()).toBe(true);
    clock += 1;
    push(2);
    expect(refused()).toBe(true);
    expect(ship()).toEqual(made);
    push(1);
    expect(ring.length).toBe(1);
  });

  it('keeps every fact it takes, and their order, however slow the disk is and whenever the other thread comes', () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 1, max: 150 }), takeMs: fc.array(fc.constantFrom(0, 51)) }),
      fc.constantFrom('drain', 'some', 'all', 'break', 'second'),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        renew();
        const shipped: string[] = [];
        const taken: string[] = [];
        for (const each of steps) {
          if (each === 'drain') backlog.drainRing();
          else if (each === 'break') backlog = makeBacklog();
          else if (each === 'second') clock += 1_000;
          else if (each === 'all') shipped.push(...ship());
          else if (each === 'some') {
            const some = backlog.batch(7, 10_000_000).map(({ line }) => line);
            backlog.drop(some.length);
            control.add('settled', some.length);
            shipped.push(...some);
          } else {
            takeMs = each.takeMs;
            for (let left = each.push; left > 0; left -= 1) {
              const { line } = outgoing((sequence += 1));
              if (!spool.push(line)) {
                sequence -= 1;
                continue;
              }
              control.add('produced', 1);
              taken.push(line);
            }
          }
        }
        shipped.push(...ship());
        expect(shipped).toEqual(taken);
        expect([control.queued, control.allLost, control.spoolBytes]).toEqual([0, 0, 0]);
      }),
      { numRuns: 200 },
    );
  });

  it('goes by memory after two slow appends in a row until the other thread finds the disk fast', () => {
    takeMs = [51, 51];
    push(3);
    expect([detours, ring.length, control.word('disk')]).toEqual([['backing off'], 1, DISK.slow]);
    backlog.drainRing();
    expect([control.word('disk'), ring.length]).toEqual([DISK.fine, 0]);
    takeMs = [51];
    push(2);
    expect([detours, ring.length, segments().length]).toEqual([['backing off'], 0, 3]);
    expect(ship()).toEqual(made);
  });
});
