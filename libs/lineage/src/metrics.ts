import { createRequire } from 'node:module';
import { join } from 'node:path';
import { property } from './facts';
import type { RecorderStatus } from './recorder';

// The service's own prom-client, if it has one: nothing of it is needed, installed or bundled for that.

/** What is used of prom-client. */
interface PromClient {
  readonly Gauge: new (options: {
    name: string;
    help: string;
    labelNames: string[];
    collect(this: { reset(): void; set(labels: object, value: number): void }): void;
  }) => unknown;
  readonly register: { getSingleMetric(name: string): unknown };
}

type Counted = (status: RecorderStatus) => number;

/** `factflow_lineage_<name>`, with a label for the recorder's service. */
const METRICS: Readonly<Record<string, readonly [help: string, value: Counted]>> = {
  recorded_events: ['Events recorded', ({ sequence }) => sequence],
  queued_events: ['Events without an answer of the command app', ({ queued }) => queued],
  spooled_events: ['Queued events that are on disk', ({ spooled }) => spooled],
  spooled_bytes: ['Bytes of the spool without an answer', ({ spooledBytes }) => spooledBytes],
  at_risk_events: ['Queued events that are in memory only', ({ atRisk }) => atRisk],
  acknowledged_events: ['Events stored by the command app', ({ acknowledged }) => acknowledged],
  rejected_events: ['Events the command app will never take', ({ rejected }) => rejected],
  lost_events: ['Events given up, in the structured log if it could be written', ({ lost }) => lost],
  unlogged_events: [
    'Events that could not be written to the structured log either',
    ({ unlogged }) => unlogged,
  ],
  payloads_waiting: [
    'Captured payloads that are neither stored nor lost',
    ({ payloads }) => payloads.waiting,
  ],
  payloads_waiting_bytes: ['Bytes of the payloads that wait', ({ payloads }) => payloads.waitingBytes],
  payloads_stored: ['Captured payloads stored by the command app', ({ payloads }) => payloads.stored],
  payloads_lost: ['Captured payloads that will never be stored', ({ payloads }) => payloads.lost],
  payloads_skipped: [
    'Messages of which nothing was kept though it was to be',
    ({ payloads }) => payloads.skipped,
  ],
  ignored_calls: ['Calls that meant nothing', ({ ignored }) => ignored],
  worker_restarts: ['Times the thread that ships was started again', ({ workerRestarts }) => workerRestarts],
  connected: ['1 when the last request was answered well', ({ connected }) => (connected === true ? 1 : 0)],
};

const PREFIX = 'factflow_lineage_';
const recorders = new Set<() => RecorderStatus>();

/** Shows a recorder in the service's default registry, until what is returned is called. Never throws. */
export function exposeMetrics(status: () => RecorderStatus): () => void {
  recorders.add(status);
  // Not while the service makes its recorder: loading takes some milliseconds.
  const soon = setImmediate(() => {
    try {
      register();
    } catch {
      // A service without prom-client, or with a registry of its own kind: it has `status()`.
    }
  }).unref();
  return () => {
    clearImmediate(soon);
    recorders.delete(status);
  };
}

/** Once for each registry: recorders of a service share its metrics. */
function register(): void {
  const client = load();
  if (!client || client.register.getSingleMetric(`${PREFIX}recorded_events`) !== undefined) return;
  for (const [name, [help, value]] of Object.entries(METRICS)) {
    new client.Gauge({
      name: PREFIX + name,
      help,
      labelNames: ['service'],
      collect() {
        this.reset();
        const sums = new Map<string, number>();
        for (const status of [...recorders].map((read) => read()))
          sums.set(status.service, (sums.get(status.service) ?? 0) + value(status));
        for (const [service, sum] of sums) this.set({ service }, sum);
      },
    });
  }
}

/** As the service's main program would find it: the library may be bundled elsewhere. */
function load(): PromClient | undefined {
  const found: unknown = createRequire(process.argv[1] ?? join(process.cwd(), 'index.js'))('prom-client');
  return typeof property(found, 'Gauge') === 'function' ? (found as PromClient) : undefined;
}
