import { createDataSource, INGEST_SETTINGS } from '@factflow/store';
import type { DataSource } from 'typeorm';
import type { WriterConfig } from '../config';

/** Longest time one statement may take before its request is answered with 503: waiting for a lane included. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** A new connection has all its statements to prepare. */
const IDLE_TIMEOUT_MS = 5 * 60_000;

/** The data source of whatever appends and projects: not connected yet. */
export const createWriteSource = (
  { databaseUrl, poolSize }: WriterConfig,
  applicationName: string,
): DataSource =>
  createDataSource({
    url: databaseUrl,
    poolSize,
    applicationName,
    connectTimeoutMs: 2000,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    settings: { ...INGEST_SETTINGS, statement_timeout: String(STATEMENT_TIMEOUT_MS) },
  });
