import { sequencesOf, subtract } from '@factflow/domain';
import { folderNameOf, readFolderName, thisProcess } from '@factflow/journal';
import { eventually, type TestProcess } from '@factflow/testing';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandApp } from './testing/command-app';
import { ServiceProcesses, type RunOptions } from './testing/service-processes';

/** Kills at random moments; more of them in a longer campaign. */
const KILLS = Number(process.env['FACTFLOW_TEST_KILLS'] || 20);

/** What the command app would refuse of a heartbeat. */
function contradictionsOf(body: Readonly<Record<string, unknown>>): string[] {
  const {
    highest_sequence: highest,
    queued,
    spooled,
    lost,
  } = body as Record<string, number> & {
    lost: [number, number][];
  };
  const bounds = lost.flat();
  return [
    Number(queued) > Number(highest) ? 'queued' : '',
    Number(spooled) > Number(queued) ? 'spooled' : '',
    (bounds.at(-1) ?? 0) > Number(highest) ? 'lost' : '',
    bounds.some((bound, n) => bound < (bounds[n - 1] ?? 0)) ? 'order' : '',
  ].filter(Boolean);
}

describe('a service with a spool', () => {
  const service = new ServiceProcesses('spool-script', { service: 'spool spec', count: 10 });
  const run = service.run.bind(service);
  const shared = service.shared.bind(service);
  const folders = service.folders.bind(service);
  let directory: string;
  let app: CommandApp;

  const sequences = (): number[] =>
    app.events.map(({ source }) => source?.sequence ?? 0).sort((a, b) => a - b);
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, place) => place + 1);
  const statusOf = (child: TestProcess): Record<string, unknown> => {
    const [, json = '{}'] = /status (\{.*\})\n$/.exec(child.stdout) ?? [];
    return JSON.parse(json) as Record<string, unknown>;
  };

  beforeAll(() => service.bundle(), 60_000);
  afterAll(() => service.remove());
  beforeEach(async () => {
    ({ directory, app } = await service.open());
  });
  afterEach(async () => {
    await service.close();
    for (const { body } of app.heartbeats) expect(contradictionsOf(body)).toEqual([]);
  });

  /** Kills a service while it records, and has the next start ship what it left. @returns how many calls had returned */
  const killedAndShipped = async (options: RunOptions = {}): Promise<number> => {
    const child = run('run', options);
    await child.waitForOutput(/recorded \d+\n/);
    // Not to wait for something: the moment of the kill is what is varied.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    child.signal('SIGKILL');
    await child.exit;
    app.always = 'well';
    const next = run('idle');
    await eventually(() => folders().length === 0, 'the spool to be shipped');
    next.signal('SIGKILL');
    await next.exit;
    return Number(/recorded (\d+)\n[^\n]*$/.exec(child.stdout)?.[1]);
  };

  it(
    'loses nothing to SIGKILL: every call that returned is stored by the next start',
    async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        app.always = kill % 2 === 0 ? 'cut' : 'well';
        const told = await killedAndShipped();
        const stored = sequences();
        expect(stored.length).toBeGreaterThanOrEqual(told);
        expect(stored).toEqual(upTo(stored.length));
        app.events.splice(0);
      }
    },
    KILLS * 5_000,
  );

  it('ships with a thread that gives way to the service, and leaves alone what threads they share', async () => {
    const child = run('count');
    await child.waitForOutput('status');
    await eventually(() => {
      const niceness = nicenessOfThreads(child.pid);
      const own = Math.min(...niceness);
      expect(niceness.filter((each) => each !== own)).toEqual(process.platform === 'linux' ? [own + 5] : []);
    }, 'the thread to give way');
    child.signal('SIGKILL');
    await child.exit;
  });

  it('is readable within 2 s while its main thread is in an endless loop, which its heartbeat shows', async () => {
    const child = run('spin');
    await child.waitForOutput('spinning');
    await eventually(() => app.events.length === 3, 'the facts', { timeoutMs: 2_000 });
    const [first] = app.heartbeats;
    expect(first?.body).toMatchObject({ service: 'spool spec', pid: child.pid, closed: false, lost: [] });
    child.signal('SIGKILL');
    await child.exit;
    run('idle');
    await eventually(() => {
      const last = app.heartbeats.findLast(({ id }) => id === first?.id);
      expect(last?.body).toMatchObject({ closed: false });
      expect(folders()).toHaveLength(0);
    }, 'the empty folder to be taken away');
  });

  it('has the dead recorder’s facts shipped under its own id and sequence, and tells how far it came', async () => {
    app.always = 'cut';
    const dead = run('live', { count: 50 });
    const kept = { queued: 50, spooled: 50, atRisk: 0, lost: 0, state: 'backing off' };
    await eventually(() => expect(statusOf(dead)).toMatchObject(kept), 'the command app to be missed');
    dead.signal('SIGKILL');
    await dead.exit;
    app.always = 'well';
    const next = run('idle');
    await eventually(() => app.events.length === 50, 'the facts');
    const id = app.events[0]?.source?.recorderId;
    expect(new Set(app.events.map(({ source }) => source?.recorderId))).toEqual(new Set([id]));
    await eventually(
      () =>
        expect(app.heartbeats.findLast((heartbeat) => heartbeat.id === id)?.body).toMatchObject({
          pid: 0,
          highest_sequence: 50,
          spooled: 0,
          closed: false,
        }),
      'its last heartbeat',
    );
    await eventually(() => expect(statusOf(next)).toMatchObject({ adopted: 50 }), 'the count');
  });

  it.each(['close', 'end'])('has it shipped by the next process, however short: %s', async (how) => {
    app.always = 'cut';
    const dead = run('count', { count: 500, batch: { maxEvents: 50 } });
    await dead.waitForOutput('status');
    dead.signal('SIGKILL');
    await dead.exit;
    app.always = 'well';
    const next = run(how, { count: 5, batch: { maxEvents: 50 }, flushTimeoutMs: 20_000 });
    await expect(next.exit).resolves.toEqual({ code: 0, signal: null });
    expect(app.events).toHaveLength(505);
    expect(folders()).toEqual([]);
    const id = app.events.find(({ source }) => (source?.sequence ?? 0) > 5)?.source?.recorderId;
    expect(app.heartbeats.findLast((heartbeat) => heartbeat.id === id)?.body).toMatchObject({
      pid: 0,
      highest_sequence: 500,
    });
  });

  /** What the last heartbeat says of the recorder of the dead process. */
  const endOf = (id: unknown): object | undefined =>
    app.heartbeats.findLast((heartbeat) => heartbeat.id === id && heartbeat.body['pid'] === 0)?.body;
  const kill = async (child: TestProcess): Promise<void> => {
    child.signal('SIGKILL');
    await child.exit;
  };

  it('has the next start tell that what was in memory only is lost with the process', async () => {
    app.always = 'cut';
    const dead = run('count', { count: 100, spool: { maxBytes: 20_000 } });
    await dead.waitForOutput('status');
    const { recorderId, spooled, atRisk, lost } = statusOf(dead);
    expect({ lost, atRisk: Number(atRisk) }).toEqual({ lost: 0, atRisk: 100 - Number(spooled) });
    expect(atRisk).toBeGreaterThan(0);
    await kill(dead);
    app.always = 'well';
    run('idle');
    await eventually(
      () =>
        expect(endOf(recorderId)).toMatchObject({
          highest_sequence: expect.any(Number) as number,
          lost: [[Number(spooled) + 1, expect.any(Number) as number]],
        }),
      'its last heartbeat',
    );
    expect(sequences()).toEqual(upTo(Number(spooled)));
  });

  it(
    'is never told to be whole, whenever it is killed, unless every call that returned is stored',
    async () => {
      const outcomes = new Set<string>();
      for (let kill = 0; kill < KILLS; kill += 1) {
        app.always = kill % 3 === 0 ? 'cut' : 'well';
        const told = await killedAndShipped({ spool: { maxBytes: 5_000 }, buffer: { maxEvents: 200 } });
        const end = app.heartbeats.findLast(({ body }) => body['pid'] === 0)?.body as {
          highest_sequence: number;
          lost: [number, number][];
        };
        const stored = sequencesOf(sequences().map((sequence) => [sequence, sequence]));
        const missing = subtract([[1, end.highest_sequence]], stored);
        // What the command app takes for lost or missing; where that is nothing, nothing may be.
        if (missing.length === 0) expect(stored).toEqual([[1, Math.max(told, end.highest_sequence)]]);
        outcomes.add(missing.length === 0 ? 'whole' : 'lossy');
        app.events.splice(0);
        app.heartbeats.splice(0);
      }
      expect(outcomes).toContain('lossy');
    },
    KILLS * 5_000,
  );

  it('has nothing told to be lost where the memory was emptied before the process was killed', async () => {
    app.always = 'cut';
    const dead = run('live', { count: 100, spool: { maxBytes: 20_000 } });
    await eventually(() => expect(Number(statusOf(dead)['atRisk'])).toBeGreaterThan(0), 'facts in memory');
    const { recorderId } = statusOf(dead);
    const mark = (): string[] => readFileSync(join(folders()[0] as string, 'memory'), 'utf8').split('\n');
    expect(mark()[0]).not.toBe(mark()[1]);
    app.always = 'well';
    await eventually(() => app.events.length === 100 && mark()[0] === mark()[1], 'it to be noted');
    await kill(dead);
    run('idle');
    await eventually(
      () => expect(endOf(recorderId)).toMatchObject({ highest_sequence: 100, lost: [], queued: 0 }),
      'its last heartbeat',
    );
  });

  it.each([
    ['damaged', [[100, 100]], 100],
    ['torn', [], 99],
  ])(
    'tells an event whose line is %s at the end of a spool from one that was never recorded',
    async (how, lost, highest) => {
      app.always = 'cut';
      const dead = run('count', { count: 100 });
      await dead.waitForOutput('status');
      await kill(dead);
      const file = join(folders()[0] as string, '00000001.ndjson');
      const bytes = readFileSync(file);
      bytes[bytes.length - 30] = 0;
      writeFileSync(file, how === 'torn' ? bytes.subarray(0, -1) : bytes);
      app.always = 'well';
      run('idle');
      await eventually(
        () => expect(endOf(statusOf(dead)['recorderId'])).toMatchObject({ highest_sequence: highest, lost }),
        'its last heartbeat',
      );
      expect(app.events).toHaveLength(99);
    },
  );

  it.each([
    ['was killed', 'count', 'SIGKILL'],
    ['called process.exit', 'flush and exit', undefined],
  ] as const)(
    'has the next start tell that a recorder is over whose process %s with nothing left',
    async (_what, how, signal) => {
      const dead = run(how, { count: 20, flushTimeoutMs: 20_000 });
      await dead.waitForOutput('status');
      const { recorderId, queued } = statusOf(dead);
      expect(queued).toBe(0);
      if (signal) dead.signal(signal);
      await dead.exit;
      app.heartbeatsAlways = 503;
      const next = run('close', { count: 1, flushTimeoutMs: 20_000 });
      await next.exit;
      expect(endOf(recorderId)).toMatchObject({ highest_sequence: 20, queued: 0, spooled: 0, lost: [] });
      // Nobody took it: so the one after that tells it again.
      app.heartbeatsAlways = 204;
      app.heartbeats.splice(0);
      await run('close', { count: 1, flushTimeoutMs: 20_000 }).exit;
      expect(endOf(recorderId)).toMatchObject({ highest_sequence: 20, queued: 0, closed: false });
      expect(folders()).toEqual([]);
    },
  );

  it('ships on where somebody laid a pipe into what a dead process left', async () => {
    app.always = 'cut';
    const dead = run('count', { count: 5 });
    await dead.waitForOutput('status');
    await kill(dead);
    for (const name of ['00000002.ndjson', 'checkpoint', 'last.json'])
      execFileSync('mkfifo', [join(folders()[0] as string, name)]);
    app.always = 'well';
    await run('close', { count: 1, flushTimeoutMs: 20_000 }).exit;
    expect(app.events).toHaveLength(6);
    expect(folders()).toEqual([]);
  });

  it('does not wait for what a dead process left where the command app is away', async () => {
    app.always = 'cut';
    const dead = run('count', { count: 5 });
    await dead.waitForOutput('status');
    dead.signal('SIGKILL');
    await dead.exit;
    const next = run('idle', { flushTimeoutMs: 60_000 });
    await next.waitForOutput('status');
    next.signal('SIGTERM');
    await expect(next.exit).resolves.toEqual({ code: 0, signal: null });
    expect(folders().length).toBeGreaterThan(0);
  });

  it.each([
    ['exit', 3],
    ['throw', 1],
  ])('keeps everything in the spool when it ends without waiting: %s', async (how, code) => {
    const child = run(how, { count: 500 });
    await expect(child.exit).resolves.toEqual({ code, signal: null });
    run('idle');
    await eventually(() => expect(sequences()).toEqual(upTo(500)), 'the facts');
    expect(existsSync(join(directory, 'structured.ndjson'))).toBe(false);
  });

  it('ends within its flush deadline at SIGTERM, saying where the rest is', async () => {
    app.always = 'hang';
    const child = run('count', { count: 500 });
    await child.waitForOutput('status');
    child.signal('SIGTERM');
    await expect(child.exit).resolves.toEqual({ code: 0, signal: null });
    expect(child.stderr).toContain('waiting up to 0.3 s for the command app');
    expect(child.stderr).toContain(
      `500 events not acknowledged by the command app, kept in the spool (${shared()})`,
    );
    app.always = 'well';
    run('idle');
    await eventually(() => expect(sequences()).toEqual(upTo(500)), 'the facts');
  });

  it('is adopted by one process only of several that live on the same directory', async () => {
    app.always = 'cut';
    const dead = run('count', { count: 2_000, batch: { maxEvents: 50 } });
    // One that is there already looks for what others left as well, every now and then.
    const alive = run('live', { count: 10 });
    await Promise.all([dead.waitForOutput('status'), alive.waitForOutput('status')]);
    dead.signal('SIGKILL');
    await dead.exit;
    app.always = 'well';
    const adopters = [alive, ...[1, 2].map(() => run('idle', { batch: { maxEvents: 50 } }))];
    await eventually(() => expect(app.events).toHaveLength(2_010), 'the facts');
    await eventually(() => {
      const adopted = adopters.map((child) => Number(statusOf(child)['adopted'] ?? -1));
      expect(adopted.sort((a, b) => a - b)).toEqual([0, 0, 2_000]);
    }, 'one to have adopted everything');
  });

  it('is adopted when another process has its number now, not while it is alive, and not from another machine at once', async () => {
    app.always = 'cut';
    const dead = run('count', { count: 5 });
    await dead.waitForOutput('status');
    dead.signal('SIGKILL');
    await dead.exit;
    const [path = ''] = folders();
    const found = readFolderName(path.slice(shared().length + 1));
    const rename = (owner: object): string => {
      const to = join(shared(), folderNameOf(found?.recorderId ?? '', { ...thisProcess(), ...owner }));
      renameSync(folders()[0] as string, to);
      return to;
    };
    app.always = 'well';
    const elsewhere = rename({ machine: 'f'.repeat(12) });
    const other = run('count', { count: 1, flushTimeoutMs: 20_000 });
    await other.waitForOutput('status');
    expect(app.events).toHaveLength(1);
    expect(folders()).toContain(elsewhere);
    const own = rename({});
    const third = run('count', { count: 1, flushTimeoutMs: 20_000 });
    await third.waitForOutput('status');
    expect(app.events).toHaveLength(2);
    expect(folders()).toContain(own);
    rename({ start: 1 });
    run('idle');
    await eventually(() => app.events.length === 7, 'the facts');
  });

  it('reads what is whole of a spool that was cut and damaged, and says what it skipped', async () => {
    app.always = 'cut';
    const dead = run('count', { count: 100 });
    await dead.waitForOutput('status');
    dead.signal('SIGKILL');
    await dead.exit;
    const [segment = ''] = readdirSync(folders()[0] as string).filter((name) => name.endsWith('.ndjson'));
    const file = join(folders()[0] as string, segment);
    const bytes = readFileSync(file);
    bytes[2_000] = 0;
    writeFileSync(file, bytes);
    truncateSync(file, bytes.length - 20);
    appendFileSync(join(folders()[0] as string, '00000009.ndjson'), 'no line of a journal');
    app.always = 'well';
    const next = run('idle');
    await eventually(() => folders().length === 0 && app.events.length === 98, 'the rest');
    await eventually(() => expect(statusOf(next)).toMatchObject({ damaged: 3 }), 'the count');
    expect(next.stderr).toMatch(/bytes of the spool skipped \(.*00000001\.ndjson, from byte \d+\): damaged/);
  });

  it.each(['folder', 'segment', 'end of the segment'])(
    'tells by number what was lost with a %s that was taken away under it, and goes on',
    async (what) => {
      app.always = 'cut';
      const child = run('count', { count: 100, flushTimeoutMs: 20_000 });
      await eventually(() => app.requests.length > 0, 'its spool');
      const [folder = ''] = folders();
      const segment = join(folder, '00000001.ndjson');
      // It may have been sending before everything was recorded.
      await eventually(
        () => expect(readFileSync(segment, 'utf8').match(/\n/g)).toHaveLength(100),
        'all of its facts',
      );
      if (what === 'folder') rmSync(folder, { recursive: true });
      else if (what === 'segment') rmSync(segment);
      else truncateSync(segment, statSync(segment).size >> 1);
      // What was read before is on its way still: what is sent after that was read since.
      const seen = app.requests.length;
      await eventually(
        () => app.requests.length > seen + 1 || child.stderr.includes('events are gone'),
        'it to read on',
      );
      app.always = 'well';
      await child.waitForOutput('status');
      const status = statusOf(child);
      const stored = app.events.length;
      expect(stored).toBeLessThan(100);
      expect(status).toMatchObject({ queued: 0, acknowledged: stored, lost: 100 - stored, spooledBytes: 0 });
      expect(status['lostRanges']).toEqual([[stored + 1, 100]]);
      expect(child.stdout).toContain('"complete":false');
      child.signal('SIGTERM');
      await child.exit;
      expect(app.heartbeats.at(-1)?.body).toMatchObject({
        highest_sequence: 100,
        lost: [[stored + 1, 100]],
        closed: true,
      });
    },
  );

  it('says when its bound is reached, keeps what fits in memory, and tells the rest from what is lost', async () => {
    app.always = 'cut';
    const child = run('count', { count: 400, spool: { maxBytes: 20_000 }, buffer: { maxEvents: 100 } });
    await child.waitForOutput('status');
    const status = statusOf(child) as Record<string, number>;
    expect(child.stderr).toMatch(/the spool \(.*\) is full: it holds 20,000 bytes/);
    expect(status['atRisk']).toBe(100);
    expect(status['lost']).toBe(400 - 100 - (status['spooled'] as number));
    expect(status['lostRanges']).toEqual([[400 - (status['lost'] as number) + 1, 400]]);
    const lines = (): string[] =>
      readFileSync(join(directory, 'structured.ndjson'), 'utf8').split('\n').filter(Boolean);
    await eventually(() => lines().length === status['lost'], 'the structured log');
    app.always = 'well';
    await eventually(() => app.events.length === 400 - lines().length, 'the rest');
    expect(app.events.map(({ source }) => source?.sequence)).toEqual(upTo(app.events.length));
    app.store(lines());
    expect(sequences()).toEqual(upTo(400));
  });

  it('has the next start tell what it gave up while nobody could be told', async () => {
    app.always = 'cut';
    const child = run('count', { count: 400, spool: { maxBytes: 20_000 }, buffer: { maxEvents: 100 } });
    await child.waitForOutput('status');
    child.signal('SIGTERM');
    await child.exit;
    app.always = 'well';
    run('idle');
    await eventually(() => {
      const stored = app.events.length;
      const id = app.events[0]?.source?.recorderId;
      expect(app.heartbeats.findLast((heartbeat) => heartbeat.id === id)?.body).toMatchObject({
        highest_sequence: 400,
        lost: [[stored + 1, 400]],
        closed: true,
      });
      expect(folders()).toHaveLength(0);
    }, 'the losses of the one before');
  });

  it('goes on where the disk refuses to let a file grow: nothing is lost, and the order is kept', async () => {
    app.always = 'cut';
    // bash counts in KiB; what is too long is refused with EFBIG.
    const node = [process.execPath, ...service.argumentsOf('count', { count: 1000 })];
    const child = service.start('bash', ['-c', 'ulimit -f 64; exec "$@"', 'bash', ...node]);
    await child.waitForOutput('status');
    expect(child.stderr).toMatch(/the spool \(.*\) does not take events: /);
    await eventually(() => readdirSync(folders()[0] as string).length > 4, 'further segments');
    app.always = 'well';
    await eventually(() => app.events.length === 1000, 'the facts');
    expect(app.events.map(({ source }) => source?.sequence)).toEqual(upTo(1000));
  });

  it('ships on when the thread that ships breaks, and counts it', async () => {
    const broken = join(directory, 'broken.mjs');
    writeFileSync(
      broken,
      `import { existsSync, writeFileSync } from 'node:fs';
       if (!existsSync(${JSON.stringify(join(directory, 'once'))})) {
         writeFileSync(${JSON.stringify(join(directory, 'once'))}, '');
         throw new Error('the thread broke');
       }
       await import(${JSON.stringify(join(service.programs, 'shipper.worker.mjs'))});`,
    );
    const child = run('count', { count: 10, workerFile: broken, flushTimeoutMs: 20_000 });
    await child.waitForOutput('status');
    expect(statusOf(child)).toMatchObject({ acknowledged: 10, workerRestarts: 1, queued: 0, lost: 0 });
    expect(child.stderr).toContain('the thread that ships ended and is started again: the thread broke');
  });

  it('closes, and says so, when the thread that ships waits for the system and cannot be ended', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    const stuck = join(directory, 'stuck.mjs');
    writeFileSync(
      stuck,
      `import { openSync, readSync } from 'node:fs';
       readSync(openSync(${JSON.stringify(join(directory, 'pipe'))}, 'r+'), Buffer.alloc(1));`,
    );
    const child = run('count', { count: 5, workerFile: stuck, spoolDirectory: false });
    await child.waitForOutput('status');
    child.signal('SIGTERM');
    await eventually(
      () => expect(child.stderr).toContain('the thread that ships does not end'),
      'it to say so',
    );
    expect(child.stderr).toContain('5 events in memory cannot be written to the structured log');
    await child.waitForOutput('closed');
    child.signal('SIGKILL');
    await child.exit;
  }, 30_000);

  it.each(['cannot be made', 'is a link', 'is one that nobody can make'])(
    'works in memory where its folder %s',
    async (how) => {
      if (how === 'cannot be made') writeFileSync(join(directory, 'spool'), '');
      else if (how === 'is a link') {
        await run('exit', { count: 1 }).exit;
        const path = shared();
        rmSync(path, { recursive: true });
        symlinkSync(tmpdir(), path);
      }
      const spoolDirectory = how.startsWith('is one') ? '/proc/x/y' : join(directory, 'spool');
      const child = run('count', { count: 5, spoolDirectory, flushTimeoutMs: 20_000 });
      await child.waitForOutput('status');
      expect(statusOf(child)).toMatchObject({ acknowledged: 5, spooled: 0, lost: 0, spoolFolder: null });
      expect(child.stderr.match(/there is no spool/g)).toHaveLength(1);
    },
  );

  it('keeps its folders and files to its user', async () => {
    mkdirSync(join(directory, 'spool'), { mode: 0o755 });
    chmodSync(join(directory, 'spool'), 0o755);
    app.always = 'cut';
    const child = run('count', { count: 5 });
    await child.waitForOutput('status');
    const modeOf = (path: string): number => statSync(path).mode & 0o777;
    const [folder = ''] = folders();
    expect([shared(), folder].map(modeOf)).toEqual([0o700, 0o700]);
    expect(new Set(readdirSync(folder).map((name) => modeOf(join(folder, name))))).toEqual(new Set([0o600]));
  });
});

/** Of every thread of a process, as far as the system tells. */
function nicenessOfThreads(pid: number): number[] {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return [0];
  // Behind the name, which may hold anything, the 17th value: proc(5) counts from the number of the process.
  return readdirSync(tasks).map((task) =>
    Number(
      readFileSync(join(tasks, task, 'stat'), 'utf8')
        .split(') ')
        .at(-1)
        ?.split(' ')[16],
    ),
  );
}
