import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Control, DISK } from './control';
import { SharedRing } from './shared-ring';
import { Spool } from './spool';
import { SpoolBacklog } from './spool-backlog';
import { outgoing } from './testing/outgoing';

const ALL = [10_000, 10_000_000] as const;

describe('the spool between its two threads', () => {
  let directory: string;
  let folder: string;
  let control: Control;
  let ring: SharedRing;
  let spool: Spool;
  let backlog: SpoolBacklog;
  let detours: string[];
  let made: string[];

  const push = (count: number): void => {
    for (let each = 0; each < count; each += 1) {
      const { line } = outgoing(0);
      made.push(line);
      expect(spool.push(line)).toBe(true);
      control.add('produced', 1);
    }
  };
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
    spool = new Spool({ ...options, info }, ring, control, {
      unusable: (reason) => detours.push(reason),
      detour: (mode) => detours.push(mode),
    });
    backlog = new SpoolBacklog({ ...options, onFault: ({ reason }) => detours.push(reason) }, ring, control);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lineage-spool-spec-'));
    folder = join(directory, 'service', 'run');
    control = new Control();
    ring = new SharedRing({ maxEvents: 100, maxBytes: 1_000_000 });
    [detours, made] = [[], []];
    open();
  });
  afterEach(() => {
    spool.close();
    backlog.close();
    rmSync(directory, { recursive: true });
  });

  it('is on disk when a fact was taken, and is shipped from there', () => {
    push(5);
    expect(ring.length).toBe(0);
    expect(ship()).toEqual(made);
    expect(control.queued).toBe(0);
  });

  it('does without a folder that was taken away, and counts what went with it', () => {
    push(3);
    rmSync(folder, { recursive: true });
    control.setWord('noSpool', 1);
    push(2);
    expect(detours).toEqual(['its folder is gone']);
    expect(ring.length).toBe(2);
    expect(ship()).toEqual(made.slice(3));
    expect(backlog.batch(...ALL)).toEqual([]);
    expect(detours.at(-1)).toBe('3 events are gone');
    expect([control.get('givenUp'), control.queued]).toEqual([3, 0]);
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

  it('goes by memory after a slow append until the other thread finds the disk fast', () => {
    push(1);
    control.setWord('disk', DISK.slow);
    ring.push(outgoing(0).line);
    control.add('produced', 1);
    backlog.drainRing();
    expect([control.word('disk'), ring.length]).toEqual([DISK.fine, 0]);
    push(1);
    expect(readdirSync(folder).filter((name) => name.endsWith('.ndjson')).length).toBeGreaterThan(1);
    expect(ship()).toHaveLength(3);
  });
});
