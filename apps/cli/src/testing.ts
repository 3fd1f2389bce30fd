import type { ChainRecord, FailedRecord, LineageRecord } from '@factflow/client';
import { run } from './cli';
import type { Context } from './context';

export const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
export const EXECUTION = '01900000-0000-7000-8000-00000000000e';

/** A short number as an id. */
export const idOf = (number: number): string => `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** A record that is done, unless `fields` say otherwise. */
export const aRecord = (number: number, fields: Partial<LineageRecord> = {}): LineageRecord => ({
  id: idOf(number),
  execution_id: EXECUTION,
  route_id: 'documents',
  adapter_name: 'chunker',
  parent_id: null,
  status: 'completed',
  input_hash: null,
  output_hash: null,
  input_payload: null,
  output_payload: null,
  error: null,
  started_at: new Date(NOW - 600_000 + number).toISOString(),
  completed_at: new Date(NOW - 600_000 + number + 12).toISOString(),
  batch_id: null,
  metadata: null,
  pending_children: 0,
  completion: 'done',
  joined_parent_ids: null,
  registered_at: new Date(NOW - 600_000).toISOString(),
  started: true,
  cancel_reason: null,
  retry_of: null,
  replay_of_record: null,
  conflicts: 0,
  stalled: false,
  ...fields,
});

/** A failed record, as failures tell of it. */
export const failedRecord = (number: number, fields: Partial<FailedRecord> = {}): FailedRecord => ({
  ...aRecord(number, {
    status: 'failed',
    completion: 'failed',
    error: { class: 'ProviderError', message: 'quota exceeded', traceback: null },
  }),
  retry: null,
  replay: null,
  ...fields,
});

export const atDepth = (depth: number, record: LineageRecord): ChainRecord => ({ ...record, depth });

/** An answer of the query app. */
export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' },
  });

/** A chain as the query app streams it. */
export const streamed = (
  record: LineageRecord,
  ancestors: readonly ChainRecord[],
  descendants: readonly ChainRecord[],
  truncated = false,
): Response =>
  new Response(
    [
      { direction: 'self', depth: 0, ...record },
      ...ancestors.map((line) => ({ direction: 'ancestors', ...line })),
      ...descendants.map((line) => ({ direction: 'descendants', ...line })),
      ...(truncated ? [{ truncated }] : []),
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
    { headers: { 'content-type': 'application/x-ndjson' } },
  );

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly Request[];
}

export interface RunOptions {
  /** What the query app answers. */
  readonly answer?: (url: URL, request: Request) => Response | Promise<Response>;
  readonly environment?: Record<string, string>;
  /** Width of a terminal; none unless given. */
  readonly columns?: number;
  /** Aborts like Ctrl-C. */
  readonly interruption?: AbortSignal;
  readonly stdin?: AsyncIterable<Uint8Array>;
}

/** What is piped in, in chunks that are cut where a reader least expects it. */
export async function* piped(text: string | Uint8Array, chunkBytes = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** Runs a command line with everything around it held in hands. */
export async function runCli(line: string | readonly string[], options: RunOptions = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const requests: Request[] = [];
  const output = (name: 'stdout' | 'stderr') => ({
    isTTY: options.columns !== undefined,
    columns: options.columns,
    write: (data: string | Uint8Array) => {
      written[name] += typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
      return true;
    },
    once: () => undefined,
  });
  let now = NOW;
  const context: Context = {
    stdin: options.stdin ?? piped(''),
    stdout: output('stdout'),
    stderr: output('stderr'),
    environment: { ...options.environment },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      requests.push(request);
      if (!options.answer) throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
      return options.answer(new URL(request.url), request);
    },
    host: 'here',
    pid: 7,
    now: () => now,
    pause: async (ms) => {
      now += ms;
    },
    interruption: () => options.interruption ?? new AbortController().signal,
  };
  const code = await run(context, typeof line === 'string' ? line.split(' ') : line);
  return { code, ...written, requests };
}
