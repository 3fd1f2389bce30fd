import type { LineageEvent } from '@factflow/domain';
import { expectedRows } from '@factflow/domain/testing';
import { createDataSource, INGEST_SETTINGS, rebuildExecution } from '@factflow/store';
import { storedRows } from '@factflow/store/testing';
import { eventually } from '@factflow/testing';
import type { DataSource } from 'typeorm';
import { aRun, interleaved } from './testing/load';
import { postUntilTaken } from './testing/posting';
import { startSystem, type System } from './testing/system';

// Threads do not read back what they wrote last. Here all that makes it stale happens at once: other threads and another
// app write the same executions in turn, a rebuild throws their rows away again and again, and an app is killed with all
// it knows and comes back.

const RUNS = 24;
/** Few events a request: each run goes through the threads of both apps many times. */
const BATCH_EVENTS = 30;
const SENDERS = 6;

let system: System;
let dataSource: DataSource;
beforeAll(async () => {
  system = await startSystem({ commands: 2, commandEnv: { FACTFLOW_INGEST_THREADS: '2' } });
  dataSource = await createDataSource({
    url: system.databaseUrl,
    poolSize: 1,
    applicationName: 'spec',
    settings: INGEST_SETTINGS,
  }).initialize();
}, 60_000);
afterAll(async () => {
  await dataSource?.destroy();
  await system?.stop();
}, 60_000);

/** Rebuilds the executions in turn until it is told to stop. @returns how many events were folded again */
async function rebuilding(executionIds: readonly string[], isOver: () => boolean): Promise<number> {
  let events = 0;
  for (let n = 0; !isOver(); n += 1)
    events += await rebuildExecution(dataSource, executionIds[n % executionIds.length] as string);
  return events;
}

/** Posts every batch to either app, from several connections at once. */
async function send(batches: readonly LineageEvent[][], sent: () => void): Promise<void> {
  const urls = system.commands.map(({ url }) => url);
  const queue = batches.entries();
  const sender = async (): Promise<void> => {
    for (const [n, batch] of queue) {
      // A few in a row to the same app: what it knows is worth something before it is stale.
      await postUntilTaken((n >> 3) % 2 === 0 ? urls : urls.toReversed(), batch, {
        array: n % 3 === 0,
        gzip: false,
      });
      sent();
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

it('gives the rows of the set of events beside another app, rebuilds and a kill', async () => {
  const runs = Array.from({ length: RUNS }, aRun);
  const batches = interleaved(runs, BATCH_EVENTS);
  let sent = 0;
  let over = false;
  const [victim] = system.commands;
  const killing = (async () => {
    await eventually(() => sent > batches.length / 3, 'a third of the events to be stored', {
      timeoutMs: 60_000,
    });
    await victim?.kill();
    await victim?.restart();
  })();
  const ids = runs.map(([event]) => event?.executionId as string);
  const rebuilt = rebuilding(ids, () => over);
  await Promise.all([send(batches, () => (sent += 1)), killing]);
  over = true;
  expect(await rebuilt).toBeGreaterThan(0);
  expect(await storedRows(dataSource)).toEqual(expectedRows(runs.flat()));
}, 120_000);
