import type { LineageEvent } from '@factflow/domain';
import { anId, completed, executionEnded, executionStarted, registered } from '@factflow/domain/testing';
import { createDataSource, ensurePartitions, PARTITION_MS } from '@factflow/store';
import { eventually } from '@factflow/testing';
import type { DataSource } from 'typeorm';
import { factflow, type CliResult } from './testing/cli';
import { get, post, store } from './testing/posting';
import { startSystem, type System } from './testing/system';

const NOW = Date.now();
/** Longer ago than executions are kept, in a range that has passed. */
const OLD = NOW - 4 * PARTITION_MS;

let system: System;
let database: DataSource;
beforeAll(async () => {
  system = await startSystem();
  const source = createDataSource({ url: system.databaseUrl, poolSize: 2, applicationName: 'spec' });
  database = await source.initialize();
  await retentionAtWork();
}, 60_000);
afterAll(async () => {
  await database?.destroy();
  await system?.stop();
}, 60_000);

/** Starts the command app with retention, and returns when it has had its round: the next one comes with the next start. */
async function retentionAtWork(): Promise<void> {
  const old = aRun(anId(), OLD);
  await store(system.command.url, old.events);
  await system.command.kill();
  await system.command.restart({ FACTFLOW_RETENTION_DAYS: '60' });
  const finished = `SELECT 1 FROM lineage_prune WHERE executions = 1 AND finished_at IS NOT NULL`;
  await eventually(async () => expect(await database.query(finished)).toHaveLength(1), 'the first round');
}

const version7At = (ms: number): string => {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000${anId().slice(18)}`;
};

interface Run {
  readonly id: string;
  readonly record: string;
  readonly events: readonly LineageEvent[];
}

function aRun(id: string, at: number, ends = true): Run {
  const record = anId();
  const when = (): { executionId: string; at: number } => ({ executionId: id, at });
  const events = [executionStarted(when()), registered(record, when()), completed(record, when())];
  return { id, record, events: ends ? [...events, executionEnded(when())] : events };
}

const cli = (...args: string[]): Promise<CliResult> =>
  factflow(system.query.url, ...args, '--command-url', system.command.url);
const prune = (...args: string[]): Promise<CliResult> =>
  cli('lineage', 'prune', '--before', ...args, '-o', 'json');
const statusOf = async (path: string): Promise<number> => (await get(system.query.url, path)).status;
const oldPartitions = async (): Promise<string[]> => {
  const rows: { name: string; bound: string }[] = await database.query(
    `SELECT relname AS name FROM pg_class WHERE relispartition AND relkind = 'r' AND relname ~ '_p\\d{8}$'
     AND right(relname, 8) <= to_char(to_timestamp($1), 'YYYYMMDD') ORDER BY 1`,
    [OLD / 1000],
  );
  return rows.map(({ name }) => name);
};

it('what outlived its retention goes with its partitions and stays gone; what is pinned or goes on stays', async () => {
  await ensurePartitions(database, OLD, OLD);
  const [over, abandoned] = [aRun(version7At(OLD), OLD), aRun(version7At(OLD), OLD, false)];
  const [pinned, recent] = [aRun(anId(), OLD), aRun(version7At(NOW - 1000), NOW - 1000, false)];
  await store(
    system.command.url,
    [over, abandoned, pinned, recent].flatMap(({ events }) => events),
  );
  await expect(cli('execution', 'pin', pinned.id, '--reason', 'audit')).resolves.toMatchObject({ code: 0 });
  await expect(oldPartitions()).resolves.toHaveLength(6);

  const dry = await prune(new Date(NOW).toISOString(), '--dry-run');
  expect(JSON.parse(dry.stdout)).toEqual({
    executions: 2,
    records: 2,
    events: over.events.length + abandoned.events.length,
    partitions_dropped: 1,
    kept: { running: 1, pinned: 1 },
    dry_run: true,
  });
  await expect(statusOf(`/executions/${over.id}`)).resolves.toBe(200);

  // Retention works when an app has started, and every hour.
  await system.command.kill();
  await system.command.restart({ FACTFLOW_RETENTION_DAYS: '60' });
  await eventually(async () => expect(await oldPartitions()).toEqual([]), 'the partitions to be dropped');
  for (const { id, record } of [over, abandoned]) {
    const { status, body } = await get(system.query.url, `/executions/${id}`);
    expect({ status, body }).toMatchObject({
      status: 404,
      body: { detail: expect.stringMatching(/was pruned at 20\d\d-/) as string },
    });
    await expect(statusOf(`/lineage/${record}`)).resolves.toBe(404);
  }
  const shown = await cli('execution', 'get', over.id);
  expect({ code: shown.code, stderr: shown.stderr }).toEqual({
    code: 3,
    stderr: expect.stringContaining('was pruned at') as string,
  });
  for (const { id, record } of [pinned, recent]) {
    await expect(statusOf(`/executions/${id}`)).resolves.toBe(200);
    await expect(statusOf(`/lineage/${record}/chain`)).resolves.toBe(200);
  }

  const { body } = await post(system.command.url, [
    ...over.events,
    executionEnded({ executionId: recent.id, at: NOW }),
  ]);
  expect(body).toMatchObject({
    accepted: 1,
    duplicates: 0,
    rejected: over.events.map(() => expect.objectContaining({ code: 'pruned' }) as unknown),
  });
  await expect(statusOf(`/executions/${over.id}`)).resolves.toBe(404);
}, 60_000);

it('an operator prunes what retention left, once it is unpinned, and is told what a mistake is', async () => {
  const kept = aRun(anId(), OLD);
  await store(system.command.url, kept.events);
  await cli('execution', 'pin', kept.id);
  const before = new Date(NOW - PARTITION_MS).toISOString();
  const first = await prune(before);
  expect(JSON.parse(first.stdout)).toMatchObject({ executions: 0, kept: { pinned: 2 } });
  await cli('execution', 'unpin', kept.id);
  const { code, stdout, stderr } = await prune(before);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    executions: 1,
    records: 1,
    events: kept.events.length,
    partitions_dropped: 0,
    kept: { running: 0, pinned: 1 },
    dry_run: false,
  });
  await expect(prune(new Date(NOW + 2 * PARTITION_MS).toISOString())).resolves.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('before: must not lie in the future') as string,
  });
  await expect(prune('soon')).resolves.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('before: must be a date') as string,
  });
}, 60_000);
