import { LIMITS } from '@factflow/domain';
import { basename } from 'node:path';
import { property } from './facts';
import { STDERR } from './log-file';
import { stderrLogger, type LineageLogger } from './logger';
import type { Sink } from './sink';
import { defaultSpoolDirectory } from './spool-folder';

/** How a recorder is set up. Everything but the endpoint has a default. */
export interface LineageOptions {
  /** base address of the command app, such as `http://lineage-command:4001` */
  readonly endpoint: string | URL;
  /** sent as a bearer token */
  readonly token?: string;
  /** what the service calls itself: in requests, and as the name of executions that nobody named. Default: the script's name */
  readonly service?: string;
  /** the longest `flush()` and shutdown wait for the command app. Default 10,000 */
  readonly flushTimeoutMs?: number;
  /** the longest a request may take. Default 10,000 */
  readonly requestTimeoutMs?: number;
  /** what is kept in memory where the spool does not take it, or there is none; past either bound events go to the structured log. Default 10,000 events, 16 MiB */
  readonly buffer?: { readonly maxEvents?: number; readonly maxBytes?: number };
  /** one request: at most so many events and bytes before compression (default 5,000 and 4 MiB), sent when full or so long after its first event (default 50 ms) */
  readonly batch?: { readonly maxEvents?: number; readonly maxBytes?: number; readonly delayMs?: number };
  /** pauses between attempts grow from one to the other, with jitter. Default 100 and 30,000 */
  readonly retry?: { readonly initialDelayMs?: number; readonly maxDelayMs?: number };
  /** where facts are kept until the command app has them: a folder on a local disk; `false`: in memory only. Default: `$XDG_STATE_HOME/factflow/spool`, else `~/.local/state/factflow/spool`. Not used with a `sink` */
  readonly spoolDirectory?: string | false;
  /** the most that may wait in the spool of this recorder. Default 1 GiB */
  readonly spool?: { readonly maxBytes?: number };
  /** the program of the thread that ships, where a bundler took it away from beside the library: a built `shipper.worker.mjs` */
  readonly workerFile?: string;
  /** where events go that must be given up: a file, or `stderr` (the default) */
  readonly structuredLog?: string;
  /** how messages of replays are taken where there are methods with `@ReplayHandler`: so many at once (default 4), each given to somebody else when nothing is heard of it for so long (default 60,000); `false`: none are taken here */
  readonly replay?: { readonly concurrency?: number; readonly leaseMs?: number } | false;
  /** takes messages to people; never sees payloads. Default: lines on stderr */
  readonly logger?: LineageLogger;
  /** where to ship to instead of `endpoint`: on this thread, and from memory */
  readonly sink?: Sink;
}

/** Options checked and completed. */
export interface Settings {
  /** undefined when there is none to ship to */
  readonly endpoint: URL | undefined;
  readonly token: string | undefined;
  readonly service: string;
  readonly flushTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly buffer: { readonly maxEvents: number; readonly maxBytes: number };
  readonly batch: { readonly maxEvents: number; readonly maxBytes: number; readonly delayMs: number };
  readonly retry: { readonly initialDelayMs: number; readonly maxDelayMs: number };
  /** undefined for none */
  readonly spoolDirectory: string | undefined;
  readonly spool: { readonly maxBytes: number };
  readonly workerFile: string | undefined;
  readonly structuredLog: string;
  /** undefined: no work of replays is taken */
  readonly replay: { readonly concurrency: number; readonly leaseMs: number } | undefined;
  readonly logger: LineageLogger;
  readonly sink: Sink | undefined;
  /** what is wrong with the options, for one warning */
  readonly problems: readonly string[];
}

const MEBIBYTE = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;
const HOUR_MS = 3600 * 1000;
/** The longest a timer can be set to. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Reads options. Never throws: a service must start and work with lineage set up wrongly. A wrong number is replaced
 * by its default; without a usable endpoint every event goes to the structured log.
 */
export function readOptions(options: unknown): Settings {
  const problems: string[] = [];
  const number = (path: string, fallback: number, max: number, min = 1): number => {
    const value = path.split('.').reduce<unknown>(property, options);
    if (value === undefined || value === null) return fallback;
    if (typeof value === 'number' && value >= min && value <= max) return Math.floor(value);
    problems.push(`${path} must be a number from ${min} to ${max}, ${fallback} is used`);
    return fallback;
  };
  const text = (name: string, fallback: string | undefined): string | undefined => {
    const value = property(options, name);
    if (value === undefined || value === null || value === '') return fallback;
    if (typeof value === 'string') return value;
    problems.push(`${name} must be text`);
    return fallback;
  };
  const sink = readMembers<Sink>(options, 'sink', ['send', 'close'], problems);
  return {
    endpoint: sink ? undefined : readEndpoint(property(options, 'endpoint'), problems),
    token: text('token', undefined),
    service: text('service', undefined) ?? serviceName(),
    flushTimeoutMs: number('flushTimeoutMs', 10_000, MAX_TIMER_MS, 0),
    requestTimeoutMs: number('requestTimeoutMs', 10_000, MAX_TIMER_MS),
    buffer: {
      maxEvents: number('buffer.maxEvents', 10_000, Number.MAX_SAFE_INTEGER),
      maxBytes: number('buffer.maxBytes', 16 * MEBIBYTE, sink ? Number.MAX_SAFE_INTEGER : GIBIBYTE),
    },
    batch: {
      maxEvents: number('batch.maxEvents', 5_000, LIMITS.batchEvents),
      maxBytes: number('batch.maxBytes', 4 * MEBIBYTE, LIMITS.batchBytes),
      delayMs: number('batch.delayMs', 50, MAX_TIMER_MS, 0),
    },
    retry: {
      initialDelayMs: number('retry.initialDelayMs', 100, MAX_TIMER_MS),
      maxDelayMs: number('retry.maxDelayMs', 30_000, MAX_TIMER_MS),
    },
    spoolDirectory:
      sink || property(options, 'spoolDirectory') === false
        ? undefined
        : (text('spoolDirectory', undefined) ?? defaultSpoolDirectory()),
    spool: { maxBytes: number('spool.maxBytes', GIBIBYTE, Number.MAX_SAFE_INTEGER) },
    workerFile: text('workerFile', undefined),
    structuredLog: text('structuredLog', STDERR) ?? STDERR,
    replay:
      sink || property(options, 'replay') === false
        ? undefined
        : {
            concurrency: number('replay.concurrency', 4, 100),
            leaseMs: number('replay.leaseMs', 60_000, HOUR_MS, 3000),
          },
    logger: readMembers<LineageLogger>(options, 'logger', ['log', 'warn'], problems) ?? stderrLogger,
    sink,
    problems,
  };
}

function readEndpoint(value: unknown, problems: string[]): URL | undefined {
  try {
    const url = new URL(String(value));
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch {
    // Reported below, as any other address that is none.
  }
  problems.push(
    'endpoint must be an http or https address: nothing is shipped, every event goes to the structured log',
  );
  return undefined;
}

/** An object that has these methods. */
function readMembers<T>(
  options: unknown,
  name: string,
  methods: readonly string[],
  problems: string[],
): T | undefined {
  const value = property(options, name);
  if (value === undefined || value === null) return undefined;
  if (methods.every((method) => typeof property(value, method) === 'function')) return value as T;
  problems.push(`${name} must have ${methods.join(' and ')}`);
  return undefined;
}

const serviceName = (): string => basename(process.argv[1] ?? '') || 'node';
