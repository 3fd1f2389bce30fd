import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { LineageEvent } from '@factflow/domain';
import { expectedRows, type Rows } from '@factflow/domain/testing';
import { append, ArrivedSequences, writeCoverage } from '@factflow/store';
import { migratedDatabase } from '@factflow/store/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import type { AppLimits } from '../app.module';
import { readQueryConfig, type QueryConfig } from '../config';
import { startServer } from '../server';
import { DocumentedAnswers } from './documented-answers';

export interface Answer<Body = never> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

/** Events of one request to the command app at most. */
const BATCH = 10_000;

const PAYLOAD_SQL = `INSERT INTO lineage_payload (key, bytes, content_type, stored_at) VALUES ($1, 3, 'text/plain', now())`;

/** The query app on a port of its own, with a database of its own. */
export interface QueryApp {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly databaseUrl: string;
  /** of its payload store */
  readonly payloadFolder: string;
  readonly log: Record<string, unknown>[];
  /** Appends events as the command app does. */
  store(events: readonly LineageEvent[]): Promise<void>;
  /** Has the table say that bytes are stored. */
  storePayload(key: string): Promise<unknown>;
  /** Runs SQL that the app itself may not. */
  sql(text: string, parameters?: unknown[]): Promise<unknown>;
  /** The answer, checked against the OpenAPI document. */
  get<Body = unknown>(path: string, headers?: Record<string, string>): Promise<Answer<Body>>;
  close(): Promise<void>;
}

export interface QueryAppOptions extends AppLimits {
  readonly config?: Partial<QueryConfig>;
}

export const configFor = (databaseUrl: string, config: Partial<QueryConfig> = {}): QueryConfig => ({
  ...readQueryConfig({ DATABASE_URL: databaseUrl, FACTFLOW_QUERY_PORT: '0' }),
  ...config,
});

export async function startQueryApp({ config, ...limits }: QueryAppOptions = {}): Promise<QueryApp> {
  const database = await migratedDatabase();
  const payloadFolder = mkdtempSync(join(tmpdir(), 'factflow-payloads-'));
  const log: Record<string, unknown>[] = [];
  const logDestination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().trim().split('\n')) log.push(JSON.parse(line) as object as never);
      done();
    },
  });
  const server = await startServer(
    configFor(database.url, { payloadStore: `file:${payloadFolder}`, ...config }),
    { ...limits, logDestination },
  );
  const documented = new DocumentedAnswers();
  return {
    ...server,
    databaseUrl: database.url,
    payloadFolder,
    log,
    store: (events) => store(database.dataSource, events),
    storePayload: (key) => database.dataSource.query(PAYLOAD_SQL, [key]),
    sql: (text, parameters) => database.dataSource.query(text, parameters),
    get: (path, headers) => get(server.url, documented, path, headers),
    close: async () => {
      await server.app.close();
      await database.drop();
      rmSync(payloadFolder, { recursive: true, force: true });
    },
  };
}

async function store(dataSource: DataSource, events: readonly LineageEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += BATCH) {
    const batch = events.slice(start, start + BATCH);
    await append(dataSource, batch);
    const arrived = new ArrivedSequences();
    for (const event of batch) arrived.add(event, 'new');
    await writeCoverage(dataSource, arrived);
  }
}

async function get<Body>(
  url: string,
  documented: DocumentedAnswers,
  path: string,
  headers?: Record<string, string>,
): Promise<Answer<Body>> {
  const response = await fetch(`${url}${path}`, { headers });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const lines = type.startsWith('application/x-ndjson');
  const body: unknown = lines ? linesOf(text) : /json/.test(type) ? JSON.parse(text) : undefined;
  const pathname = path.replace(/\?.*/s, '');
  for (const part of lines ? (body as unknown[]) : [body]) {
    documented.check(pathname, response.status, type, part);
  }
  return { status: response.status, headers: response.headers, text, body: body as Body };
}

const linesOf = (text: string): unknown[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);

/** Follows the cursors of a list to its end. */
export async function allPages<Item>(app: QueryApp, path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const mark = path.includes('?') ? '&' : '?';
    const next: string = cursor === null ? path : `${path}${mark}cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await app.get<{ items: Item[]; next_cursor: string | null }>(next);
    if (status !== 200) throw new Error(`${next}: ${status}`);
    items.push(...body.items);
    cursor = body.next_cursor;
  } while (cursor !== null);
  return items;
}

/**
 * Stores a generated history, and tells the rows it must fold into. Shrinking tries the same executions again: what an
 * earlier attempt stored goes.
 */
export async function storeFresh(
  app: QueryApp,
  events: readonly LineageEvent[],
  executions: readonly string[],
): Promise<Rows> {
  for (const table of ['event', 'record', 'join', 'execution', 'statistics', 'coverage']) {
    await app.sql(`DELETE FROM lineage_${table} WHERE execution_id = ANY($1)`, [executions]);
  }
  await app.store(events);
  return expectedRows(events);
}
