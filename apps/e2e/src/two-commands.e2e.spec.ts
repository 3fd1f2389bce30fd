import type { LineageEvent } from '@factflow/domain';
import { anId, arbitraryHistory, expectedRows } from '@factflow/domain/testing';
import { createDataSource } from '@factflow/store';
import { removeRows, storedRows } from '@factflow/store/testing';
import { eventually } from '@factflow/testing';
import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { aRun, interleaved } from './testing/load';
import { FORMATS, postUntilTaken, type Format } from './testing/posting';
import { expectShown } from './testing/shown';
import { startSystem, type System } from './testing/system';

const CONNECTIONS = 6;

let system: System;
let dataSource: DataSource;
let urls: readonly string[];

beforeAll(async () => {
  system = await startSystem({ commands: 2 });
  urls = system.commands.map(({ url }) => url);
  const options = { url: system.databaseUrl, poolSize: 4, applicationName: 'spec' };
  dataSource = await createDataSource(options).initialize();
}, 60_000);
afterAll(async () => {
  await dataSource?.destroy();
  await system?.stop();
}, 60_000);
beforeEach(() => removeRows(dataSource));

/** Posts batches over several connections at once, to both apps in turn; each batch in another format. */
async function postAtOnce(batches: readonly (readonly LineageEvent[])[]): Promise<void> {
  let next = 0;
  const connection = async (): Promise<void> => {
    for (let n = next++; n < batches.length; n = next++) {
      const turned = n % 2 === 0 ? urls : urls.toReversed();
      await postUntilTaken(turned, batches[n] as LineageEvent[], FORMATS[n % FORMATS.length] as Format);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

/** Keeps new runs coming over several connections while apps are disturbed; gives all events that were taken. */
async function postDuring(disturbing: Promise<void>): Promise<{ events: LineageEvent[]; failures: number }> {
  const events: LineageEvent[] = [];
  let failures = 0;
  let over = false;
  const connection = async (n: number): Promise<void> => {
    const turned = n % 2 === 0 ? urls : urls.toReversed();
    while (!over) {
      const runs = [aRun(), aRun(), aRun()];
      for (const batch of interleaved(runs, 23)) {
        failures += await postUntilTaken(turned, batch, FORMATS[n % FORMATS.length] as Format);
      }
      events.push(...runs.flat());
    }
  };
  const ending = disturbing.finally(() => (over = true));
  await Promise.all([ending, ...Array.from({ length: CONNECTIONS }, (_, n) => connection(n))]);
  return { events, failures };
}

/** The rows are those of the events, each of which is stored once. */
async function expectStored(events: readonly LineageEvent[]): Promise<void> {
  const expected = expectedRows(events);
  expect(await storedRows(dataSource)).toEqual(expected);
  const [{ count }] = await dataSource.query('SELECT count(*)::int AS count FROM lineage_event');
  expect(count).toBe(events.length);
  await expectShown(system.query.url, { ...expected, executions: expected.executions.slice(0, 4) });
}

it('any history, posted to two command apps at once, gives the rows of its events and is shown as they are', async () => {
  const executions = Array.from({ length: 5 }, anId);
  await fc.assert(
    fc.asyncProperty(arbitraryHistory({ maxRecords: 8, maxEvents: 120, executions }), async (history) => {
      await removeRows(dataSource);
      await postAtOnce(history.batches);
      const expected = expectedRows(history.events);
      expect(await storedRows(dataSource)).toEqual(expected);
      await expectShown(system.query.url, expected);
    }),
    { numRuns: 15 },
  );
}, 120_000);

it('a command app killed under load and started again has lost nothing and doubled nothing', async () => {
  const killing = async (): Promise<void> => {
    for (const app of system.commands) {
      await appendsUnderWay();
      await app.kill();
      await app.restart();
    }
  };
  const { events, failures } = await postDuring(killing());
  expect(failures).toBeGreaterThan(0);
  await expectStored(events);
}, 120_000);

// Whatever statement a backend is at: its transaction is under way.
const TERMINATE_SQL = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'factflow-command' AND xact_start IS NOT NULL
  ORDER BY random() LIMIT 2`;

it('backends ended in the middle of an append lose nothing and double nothing', async () => {
  const ending = async (): Promise<void> => {
    for (let ended = 0; ended < 12;) {
      await appendsUnderWay();
      ended += ((await dataSource.query(TERMINATE_SQL)) as unknown[]).length;
    }
  };
  const { events, failures } = await postDuring(ending());
  expect(failures).toBeGreaterThan(0);
  await expectStored(events);
}, 120_000);

/** Waits until an append is in its transaction. */
const appendsUnderWay = (): Promise<unknown> =>
  eventually(async () => {
    const [{ found }] = await dataSource.query(
      `SELECT count(*)::int AS found FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'factflow-command' AND xact_start IS NOT NULL`,
    );
    return (found as number) > 0;
  }, 'an append under way');
