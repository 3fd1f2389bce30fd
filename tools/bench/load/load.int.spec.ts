import { createDataSource, executionIds, INGEST_SETTINGS, migrate, rebuildExecution } from '@factflow/store';
import { scratchDatabase, type ScratchDatabase } from '@factflow/testing';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { tableNames } from '../tables';
import { COPY_RECORDS, type Layout } from './copies';
import { loadCopies } from './load';

const TABLES = ['lineage_record', 'lineage_join', 'lineage_execution', 'lineage_statistics'];

describe('loading copies', () => {
  let database: ScratchDatabase;
  let dataSource: DataSource;
  let client: Client;

  beforeEach(async () => {
    database = await scratchDatabase();
    dataSource = createDataSource({
      url: database.url,
      poolSize: 2,
      applicationName: 'spec',
      settings: INGEST_SETTINGS,
    });
    await dataSource.initialize();
    await migrate(dataSource);
    client = await connect();
  });
  afterEach(async () => {
    await dataSource.destroy();
    await client.end();
    await database.drop();
  });

  async function connect(): Promise<Client> {
    const made = new Client({ connectionString: database.url });
    await made.connect();
    return made;
  }

  const load = (layout: Partial<Layout>): Promise<number> =>
    loadCopies(
      { url: database.url, connect },
      {
        copies: 3,
        startMs: Date.UTC(2026, 0, 2),
        stepMs: 20 * 24 * 3600 * 1000,
        oneExecution: false,
        ...layout,
      },
      { say: () => undefined },
    );
  const count = async (sql: string): Promise<number> =>
    Number((await client.query<{ count: string }>(sql)).rows[0]?.count);
  async function allRows(): Promise<unknown[]> {
    const all: unknown[] = [];
    for (const table of TABLES) {
      const { rows } = await client.query(
        `SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY to_jsonb(t)::text`,
      );
      all.push(rows);
    }
    return all;
  }

  it('gives rows that a rebuild from the events gives again', async () => {
    await load({});
    const before = await allRows();
    let rebuilt = 0;
    for await (const id of executionIds(dataSource)) {
      expect(await rebuildExecution(dataSource, id)).toBe(2 * COPY_RECORDS + 2);
      rebuilt += 1;
    }
    expect(rebuilt).toBe(3);
    expect(await allRows()).toEqual(before);
  });

  it('puts them into partitions by time, with the indexes of every other partition', async () => {
    const indexes = `SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE c.relname ~ '^lineage_record(_|$)' AND i.indisvalid`;
    const rows = await load({});
    const perPartition =
      (await count(indexes)) /
      (await count(
        `SELECT count(*) FROM pg_class WHERE relname ~ '^lineage_record(_|$)' AND relkind IN ('r', 'p')`,
      ));
    expect(perPartition).toBe(
      await count(`SELECT count(*) FROM pg_index WHERE indrelid = 'lineage_record'::regclass`),
    );
    expect(await count('SELECT count(*) FROM lineage_record')).toBe(3 * COPY_RECORDS);
    expect(await count('SELECT count(*) FROM lineage_record_default')).toBe(0);
    expect(await count('SELECT count(DISTINCT tableoid) FROM lineage_record')).toBeGreaterThan(1);
    expect(await count('SELECT count(DISTINCT (id, input_hash)) FROM lineage_record')).toBe(3 * COPY_RECORDS);
    expect(rows).toBeGreaterThan(3 * 3 * COPY_RECORDS);
  });

  it('makes one execution of many copies, with the sums of all', async () => {
    await load({ oneExecution: true, stepMs: 0 });
    const before = await allRows();
    const rebuilt: number[] = [];
    for await (const id of executionIds(dataSource)) rebuilt.push(await rebuildExecution(dataSource, id));
    expect(rebuilt).toEqual([2 * 3 * COPY_RECORDS + 2]);
    expect(await allRows()).toEqual(before);
    expect(await count('SELECT completed + failed AS count FROM lineage_execution')).toBe(3 * COPY_RECORDS);
  });

  it('leaves nothing of its own behind', async () => {
    await load({});
    expect(await count(`SELECT count(*) FROM pg_class WHERE relname LIKE 'bench\\_%'`)).toBe(0);
    expect(await tableNames(client)).toEqual(expect.arrayContaining(TABLES));
  });
});
