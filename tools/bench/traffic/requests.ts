import { toWire, type LineageEvent } from '@factflow/domain';
import { pipelineRun } from './pipeline';
import { Random } from './random';

/** Services that ship at once, each one request after the other. */
const SERVICES = 4;
/** Executions a service works on at once. */
const AT_ONCE = 2;
/** As many events as a recorder puts into one request when it has more to send than is taken. */
const REQUEST_EVENTS = 5_000;
const EXECUTION_RECORDS = 1_200;

/** What one service sends. */
export interface Shipment {
  /** NDJSON, to be sent in this order */
  readonly bodies: readonly Buffer[];
  readonly events: readonly LineageEvent[];
}

/** Requests of several services, ready to send. */
export interface Traffic {
  readonly shipments: readonly Shipment[];
  readonly events: number;
  readonly executions: number;
}

/**
 * Traffic of a handful of pipelines that run at once, of about `records` records.
 * @param options.startMs when it begins, milliseconds since 1970
 */
export function makeTraffic(options: {
  readonly seed: number;
  readonly startMs: number;
  readonly records: number;
}): Traffic {
  const random = new Random(options.seed);
  const perService = Math.max(1, Math.round(options.records / EXECUTION_RECORDS / SERVICES));
  const records = Math.min(EXECUTION_RECORDS, Math.ceil(options.records / SERVICES));
  const shipments = Array.from({ length: SERVICES }, () =>
    shipmentOf(random, perService, options.startMs, records),
  );
  return {
    shipments,
    events: shipments.reduce((sum, { events }) => sum + events.length, 0),
    executions: perService * SERVICES,
  };
}

function shipmentOf(random: Random, executions: number, startMs: number, records: number): Shipment {
  const recorderId = random.id(startMs);
  const lines = Array.from({ length: AT_ONCE }, (): LineageEvent[] => []);
  for (let n = 0; n < executions; n += 1) {
    const line = lines[n % AT_ONCE] as LineageEvent[];
    line.push(...pipelineRun(random, { startMs: (line.at(-1)?.occurredAt ?? startMs) + 1, records }));
  }
  const events = lines
    .flat()
    .sort((a, b) => a.occurredAt - b.occurredAt)
    .map((event, n) => ({ ...event, source: { recorderId, sequence: n + 1 } }));
  return { events, bodies: bodiesOf(events) };
}

/** The events as NDJSON, as many a request as a recorder sends. */
export function bodiesOf(events: readonly LineageEvent[]): Buffer[] {
  const bodies: Buffer[] = [];
  for (let at = 0; at < events.length; at += REQUEST_EVENTS) {
    const lines = events.slice(at, at + REQUEST_EVENTS).map((event) => JSON.stringify(toWire(event)));
    bodies.push(Buffer.from(lines.join('\n')));
  }
  return bodies;
}
