import { ProblemError, type ProblemInit } from '@factflow/server';
import { isDatabaseUnavailable, sqlState } from '@factflow/store';
import { workerData } from 'piscina';
import type { DataSource } from 'typeorm';
import type { WriterConfig } from '../config';
import { createWriteSource } from '../database/write-source';
import { Ingest, type AppendReport } from './ingest';
import type { BatchFormat } from './parse-batch';

// The program of the threads that ingest: see ingest-workers.ts. What is thrown here reaches the other thread without its
// members, so whatever is expected to happen is a value.

/** What a thread is asked for. */
export interface IngestTask {
  /** decompressed; moved here, not copied */
  readonly body: Uint8Array;
  readonly format: BatchFormat;
}

/** What became of a task. */
export type IngestOutcome =
  | { readonly kind: 'appended'; readonly report: AppendReport; readonly overturned: number }
  | { readonly kind: 'refused'; readonly problem: ProblemInit }
  /** the database; its SQLSTATE or the code of the network, where there is one */
  | { readonly kind: 'unavailable'; readonly message: string; readonly code: string | undefined };

let opening: Promise<DataSource> | undefined;

/** Whoever asks has made sure that the database is migrated. */
function database(): Promise<DataSource> {
  opening ??= createWriteSource(workerData as WriterConfig, 'factflow-command')
    .initialize()
    .catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
  return opening;
}

const ingest = new Ingest(database);

/** Answers as soon as this program is loaded. */
export const loaded = (): null => null;

/** Appends the events of one request. */
export async function append({ body, format }: IngestTask): Promise<IngestOutcome> {
  try {
    const report = await ingest.append(body, format);
    return { kind: 'appended', report, overturned: ingest.takeOverturned() };
  } catch (error) {
    if (error instanceof ProblemError) {
      const { status, code, detail, errors } = error;
      return {
        kind: 'refused',
        problem: { status, ...(code && { code }), ...(detail && { detail }), ...(errors && { errors }) },
      };
    }
    if (!isDatabaseUnavailable(error)) throw error;
    return { kind: 'unavailable', message: (error as Error).message, code: sqlState(error) };
  }
}
