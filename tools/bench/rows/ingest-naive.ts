import type { LineageEvent } from '@factflow/domain';
import { dataToWire, formatTime } from '@factflow/domain';
import type { Client } from 'pg';
import { startApp } from '../../scratch/apps';
import { scaled, timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';
import type { Scope } from '../../scratch/scope';
import { emptyTables } from '../tables';
import { makeTraffic } from '../traffic/requests';
import { sendAll } from '../traffic/send';

const RECORDS = 48_000;
/** Events of one run of the baseline: a rate needs no more. */
const EVENTS = 3_000;

/** What arrives over HTTP, against one transaction for each event. */
export const INGEST_NAIVE: Row = {
  name: 'ingest-naive',
  measure: 'events appended and projected per second, through HTTP, 4 connections',
  baseline:
    'one transaction per event on one connection: insert the event, upsert the record, update its parent',
  unit: 'events/s',
  goal: { atLeast: 30 },
  prepare,
};

const INSERT_EVENT_SQL = `
  INSERT INTO lineage_event (execution_id, event_id, type, record_id, occurred_at, recorder_id, sequence, data)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
// All three are served by the primary key.
const REGISTER_SQL = `
  INSERT INTO lineage_record (execution_id, id, status, route_id, adapter_name, parent_id, joined_parent_ids, batch_id,
    input_hash, started, started_at, registered_at, metadata, conflicts, children, pending_children, registration_event_id)
  VALUES ($1, $2, 'pending', $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, 0, 0, 0, $12)`;
const END_SQL = `
  UPDATE lineage_record SET status = $3, output_hash = $4, error = $5, completed_at = $6, terminal_event_id = $7
  WHERE execution_id = $1 AND id = $2 RETURNING parent_id`;
const COUNT_SQL = `
  UPDATE lineage_record SET children = children + $3, pending_children = greatest(0, pending_children + $4)
  WHERE execution_id = $1 AND id = $2`;

async function prepare(bench: Bench, scope: Scope): Promise<Sides> {
  const server = await bench.server();
  const traffic = makeTraffic({
    seed: 1,
    startMs: Date.now() - 3_600_000,
    records: scaled(RECORDS, bench.scale),
  });
  const some = (traffic.shipments[0]?.events ?? []).slice(0, scaled(EVENTS, bench.scale));
  const [filled, naive] = [await server.migrated(scope), await server.migrated(scope)];
  const app = await startApp('command', filled.url, bench, scope);
  const [watching, writing] = [await filled.connect(), await naive.connect()];
  return {
    candidate: async () => {
      await emptyTables(watching);
      return (traffic.events / (await timed(() => sendAll(app.url, traffic.shipments)))) * 1000;
    },
    baseline: async () => {
      await emptyTables(writing);
      const ms = await timed(async () => {
        for (const event of some) await store(writing, event);
      });
      return (some.length / ms) * 1000;
    },
    notes: () => [`the baseline stores ${some.length} of the ${traffic.events} events`],
  };
}

async function store(client: Client, event: LineageEvent): Promise<void> {
  await client.query('BEGIN');
  await client.query(INSERT_EVENT_SQL, [
    event.executionId,
    event.eventId,
    event.type,
    event.recordId ?? null,
    formatTime(event.occurredAt),
    event.source?.recorderId ?? null,
    event.source?.sequence ?? null,
    JSON.stringify(dataToWire(event.data)),
  ]);
  if (event.type === 'record.registered') await register(client, event);
  if (event.type === 'record.completed' || event.type === 'record.failed') await end(client, event);
  await client.query('COMMIT');
}

type EventOf<Type extends LineageEvent['type']> = Extract<LineageEvent, { type: Type }>;

async function register(client: Client, event: EventOf<'record.registered'>): Promise<void> {
  const { data, executionId, recordId } = event;
  await client.query(REGISTER_SQL, [
    executionId,
    recordId,
    data.routeId,
    data.adapterName,
    data.parentId ?? null,
    data.joinedParentIds ?? null,
    data.batchId ?? null,
    data.inputHash ?? null,
    data.started ?? false,
    formatTime(event.occurredAt),
    data.metadata ? JSON.stringify(data.metadata) : null,
    event.eventId,
  ]);
  if (data.parentId !== undefined) await client.query(COUNT_SQL, [executionId, data.parentId, 1, 1]);
}

async function end(client: Client, event: EventOf<'record.completed' | 'record.failed'>): Promise<void> {
  const failed = event.type === 'record.failed';
  const { rows } = await client.query<{ parent_id: string | null }>(END_SQL, [
    event.executionId,
    event.recordId,
    failed ? 'failed' : 'completed',
    failed ? null : (event.data.outputHash ?? null),
    failed ? JSON.stringify(event.data.error) : null,
    formatTime(event.occurredAt),
    event.eventId,
  ]);
  const parentId = rows[0]?.parent_id ?? null;
  if (parentId !== null) await client.query(COUNT_SQL, [event.executionId, parentId, 0, -1]);
}
