import { toWire, type LineageEvent } from '@factflow/domain';
import { migratedDatabase, type MigratedDatabase } from '@factflow/store/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { readCommandConfig } from '../config';
import { startServer, type ServerOverrides } from '../server';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** As built: threads do not run TypeScript. */
const INGEST_WORKER = join(__dirname, '../../../../dist/apps/command/ingest.worker.mjs');

/** A command app that listens, and its database. */
export interface CommandApp {
  readonly url: string;
  readonly database: MigratedDatabase;
  /** of its payload store, unless `env` says otherwise */
  readonly payloadFolder: string;
  post(body: NonNullable<RequestInit['body']>, headers?: Record<string, string>): Promise<Answer>;
  postEvents(events: readonly LineageEvent[]): Promise<Answer>;
  close(): Promise<void>;
}

export const NDJSON = { 'content-type': 'application/x-ndjson' };
export const ARRAY = { 'content-type': 'application/json' };

export const toNdjson = (events: readonly LineageEvent[]): string =>
  events.map((event) => `${JSON.stringify(toWire(event))}\n`).join('');

/**
 * Starts the app on a migrated database of its own.
 * @param prepare what is done to the database before
 * @param overrides what is not in the environment
 */
export async function startCommandApp(
  env: Record<string, string> = {},
  prepare: (database: MigratedDatabase) => Promise<unknown> = () => Promise.resolve(),
  overrides: ServerOverrides = {},
): Promise<CommandApp> {
  const database = await migratedDatabase();
  await prepare(database);
  const payloadFolder = mkdtempSync(join(tmpdir(), 'factflow-payloads-'));
  const config = readCommandConfig({
    DATABASE_URL: database.url,
    FACTFLOW_COMMAND_PORT: '0',
    FACTFLOW_PAYLOAD_STORE: `file:${payloadFolder}`,
    ...env,
  });
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { app, url } = await startServer(config, {
    logDestination: silent,
    ingestWorker: INGEST_WORKER,
    ...overrides,
  });
  const post: CommandApp['post'] = async (body, headers = NDJSON) => {
    const response = await fetch(`${url}/api/v1/events`, { method: 'POST', headers, body });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Answer['body'],
    };
  };
  return {
    url,
    database,
    payloadFolder,
    post,
    postEvents: (events) => post(toNdjson(events)),
    close: async () => {
      await app.close();
      await database.drop();
      rmSync(payloadFolder, { recursive: true, force: true });
    },
  };
}
