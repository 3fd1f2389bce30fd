import { defaultPayloadStore, payloadStoreUrl } from '@factflow/payloads';
import { host, integer, oneOf, optional, port, readConfig, required, url } from '@factflow/server';
import type { Level } from 'pino';

const LOG_LEVELS: readonly Level[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/** Settings of the query app; see the table in the README. */
export interface QueryConfig {
  readonly host: string;
  readonly port: number;
  /** May name a role that can only read. */
  readonly databaseUrl: string;
  /** Longest time the database may spend on one statement. */
  readonly statementTimeoutMs: number;
  /** Database connections at most. */
  readonly poolSize: number;
  readonly logLevel: Level;
  /** URL of the payload store, the one of the command app */
  readonly payloadStore: string;
}

/** @throws ConfigError naming every variable that is missing or wrong */
export function readQueryConfig(env: Readonly<Record<string, string | undefined>>): QueryConfig {
  const ownUrl = 'FACTFLOW_QUERY_DATABASE_URL';
  return readConfig(
    {
      host: optional('FACTFLOW_HOST', host(), '127.0.0.1'),
      port: optional('FACTFLOW_QUERY_PORT', port(), 4000),
      databaseUrl: required(env[ownUrl]?.trim() ? ownUrl : 'DATABASE_URL', url(['postgres', 'postgresql'])),
      statementTimeoutMs: optional(
        'FACTFLOW_STATEMENT_TIMEOUT_MS',
        integer({ min: 10, max: 3_600_000 }),
        15_000,
      ),
      poolSize: optional('FACTFLOW_QUERY_POOL_SIZE', integer({ min: 1, max: 1000 }), 10),
      logLevel: optional('FACTFLOW_LOG_LEVEL', oneOf(...LOG_LEVELS), 'info'),
      payloadStore: optional('FACTFLOW_PAYLOAD_STORE', payloadStoreUrl, defaultPayloadStore(env)),
    },
    env,
  );
}
