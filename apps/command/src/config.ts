import { defaultPayloadStore, payloadStoreUrl } from '@factflow/payloads';
import { host, integer, oneOf, optional, port, readConfig, required, url } from '@factflow/server';
import type { Level } from 'pino';

const LOG_LEVELS: readonly Level[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of whatever writes to the database; see the table in the README. */
export interface WriterConfig {
  readonly databaseUrl: string;
  /** database connections at most: so many lanes are served at once */
  readonly poolSize: number;
}

/** Settings of the command app; see the table in the README. */
export interface CommandConfig extends WriterConfig {
  readonly host: string;
  readonly port: number;
  /** decompressed bytes of requests that may be in the process at once; above it new ones are answered with 503 */
  readonly maxPendingBytes: number;
  readonly logLevel: Level;
  /** threads that take events in; they share the connections */
  readonly ingestThreads: number;
  /** executions without events for so many days are pruned; undefined: all are kept */
  readonly retentionDays: number | undefined;
  /** URL of the payload store */
  readonly payloadStore: string;
  readonly payloadMaxBytes: number;
}

const WRITER = {
  databaseUrl: required('DATABASE_URL', url(['postgres', 'postgresql'])),
  poolSize: optional('FACTFLOW_COMMAND_POOL_SIZE', integer({ min: 2, max: 64 }), 8),
};

/** @throws ConfigError naming every variable that is missing or wrong */
export const readWriterConfig = (env: Environment): WriterConfig => readConfig(WRITER, env);

/** @throws ConfigError naming every variable that is missing or wrong */
export const readCommandConfig = (env: Environment): CommandConfig =>
  readConfig(
    {
      ...WRITER,
      host: optional('FACTFLOW_HOST', host(), '127.0.0.1'),
      port: optional('FACTFLOW_COMMAND_PORT', port(), 4001),
      maxPendingBytes: optional(
        'FACTFLOW_MAX_PENDING_BYTES',
        integer({ min: 1, max: 4 * 1024 ** 3 }),
        128 * 1024 ** 2,
      ),
      ingestThreads: optional('FACTFLOW_INGEST_THREADS', integer({ min: 1, max: 16 }), 2),
      logLevel: optional('FACTFLOW_LOG_LEVEL', oneOf(...LOG_LEVELS), 'info'),
      retentionDays: optional('FACTFLOW_RETENTION_DAYS', integer({ min: 1, max: 36_500 }), undefined),
      payloadStore: optional('FACTFLOW_PAYLOAD_STORE', payloadStoreUrl, defaultPayloadStore(env)),
      payloadMaxBytes: optional(
        'FACTFLOW_PAYLOAD_MAX_BYTES',
        integer({ min: 1, max: 4 * 1024 ** 3 }),
        64 * 1024 ** 2,
      ),
    },
    env,
  );
