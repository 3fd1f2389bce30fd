import { applyHeartbeat, type Heartbeat, type Loss, type Recorder } from '@factflow/domain';
import type { DataSource, QueryRunner } from 'typeorm';
import { fromMultirange } from './multirange';

/** `lineage_recorder` as it is read; `bigint` and multiranges arrive as text. */
export interface RecorderRow {
  readonly recorder_id: string;
  readonly service: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly started_at: Date | null;
  readonly heartbeat_at: Date | null;
  readonly highest_sequence: string;
  readonly queued: string;
  readonly spooled: string;
  readonly main_thread_age_ms: string | null;
  readonly payloads: string | null;
  readonly closed: boolean;
  readonly gone: boolean;
  readonly received: string;
  readonly rejected: string;
  readonly repeated: string;
  readonly losses: readonly Loss[];
  readonly mark_at: Date | null;
  readonly mark_sequence: string | null;
  readonly confirmed_at: Date | null;
}

/** The columns of a {@link RecorderRow}; the table goes by the name `o`. */
export const RECORDER_COLUMNS = `o.recorder_id, o.service, o.host, o.pid, o.started_at, o.heartbeat_at, o.highest_sequence,
  o.queued, o.spooled, o.main_thread_age_ms, o.payloads, o.closed, o.gone, o.received::text AS received,
  o.rejected::text AS rejected, o.repeated::text AS repeated, o.losses, o.mark_at, o.mark_sequence, o.confirmed_at`;

export const recorderFromRow = (row: RecorderRow): Recorder => ({
  id: row.recorder_id,
  service: row.service,
  host: row.host,
  pid: row.pid,
  startedAt: row.started_at?.getTime() ?? null,
  heartbeatAt: row.heartbeat_at?.getTime() ?? null,
  highestSequence: Number(row.highest_sequence),
  queued: Number(row.queued),
  spooled: Number(row.spooled),
  mainThreadAgeMs: row.main_thread_age_ms === null ? null : Number(row.main_thread_age_ms),
  payloads: row.payloads === null ? null : Number(row.payloads),
  closed: row.closed,
  gone: row.gone,
  received: fromMultirange(row.received),
  rejected: fromMultirange(row.rejected),
  repeated: fromMultirange(row.repeated),
  losses: row.losses,
  mark:
    row.mark_at === null || row.mark_sequence === null
      ? null
      : { at: row.mark_at.getTime(), sequence: Number(row.mark_sequence) },
  confirmedAt: row.confirmed_at?.getTime() ?? null,
});

// All served by the primary key. The row is locked while the heartbeat is worked in: events that arrive meanwhile wait.
const MAKE_SQL = `
  INSERT INTO lineage_recorder (recorder_id, seen_at) VALUES ($1, now()) ON CONFLICT (recorder_id) DO NOTHING`;
const READ_SQL = `
  SELECT ${RECORDER_COLUMNS}, clock_timestamp()::timestamptz(3) AS now
  FROM lineage_recorder o WHERE o.recorder_id = $1 FOR UPDATE`;
const WRITE_SQL = `
  UPDATE lineage_recorder SET service = $2, host = $3, pid = $4, started_at = $5, heartbeat_at = $6, highest_sequence = $7,
    queued = $8, spooled = $9, main_thread_age_ms = $10, closed = $11, losses = $12::jsonb, mark_at = $13,
    mark_sequence = $14, confirmed_at = $15, seen_at = $16, gone = $17, payloads = $18
  WHERE recorder_id = $1`;

/** Works a heartbeat into what is known of a recorder. @returns the recorder as it is then */
export const recordHeartbeat = (
  dataSource: DataSource,
  recorderId: string,
  heartbeat: Heartbeat,
): Promise<Recorder> =>
  dataSource.transaction('READ COMMITTED', async (manager) => {
    await manager.query(MAKE_SQL, [recorderId]);
    const [row] = await manager.query<[RecorderRow & { now: Date }]>(READ_SQL, [recorderId]);
    const now = row.now.getTime();
    const recorder = applyHeartbeat(recorderFromRow(row), heartbeat, now);
    await manager.query(WRITE_SQL, parametersOf(recorder, now));
    return recorder;
  });

const timeOf = (ms: number | null | undefined): Date | null =>
  ms === null || ms === undefined ? null : new Date(ms);

const parametersOf = (recorder: Recorder, now: number): unknown[] => [
  recorder.id,
  recorder.service,
  recorder.host,
  recorder.pid,
  timeOf(recorder.startedAt),
  timeOf(recorder.heartbeatAt),
  recorder.highestSequence,
  recorder.queued,
  recorder.spooled,
  recorder.mainThreadAgeMs,
  recorder.closed,
  JSON.stringify(recorder.losses),
  timeOf(recorder.mark?.at),
  recorder.mark?.sequence ?? null,
  timeOf(recorder.confirmedAt),
  timeOf(now),
  recorder.gone,
  recorder.payloads,
];

const FORGOTTEN_AT_ONCE = 10_000;
// A recorder nobody asks for any more: it has been quiet for a day, and no execution it was seen in is left. Served by
// lineage_coverage_recorder; the rows are idle, but one that is not is left alone.
const FORGET_SQL = `
  DELETE FROM lineage_recorder WHERE recorder_id = ANY(ARRAY(
    SELECT o.recorder_id FROM lineage_recorder o
    WHERE o.seen_at < now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM lineage_coverage c WHERE c.recorder_id = o.recorder_id)
    LIMIT ${FORGOTTEN_AT_ONCE} FOR UPDATE SKIP LOCKED))`;

/** Removes recorders of which no execution is left. What one has received is forgotten with it. */
export async function forgetRecorders(runner: QueryRunner): Promise<void> {
  for (let removed = FORGOTTEN_AT_ONCE; removed === FORGOTTEN_AT_ONCE;)
    [, removed] = (await runner.query(FORGET_SQL)) as [unknown, number];
}
