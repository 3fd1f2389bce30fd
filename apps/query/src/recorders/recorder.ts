import {
  formatTime,
  gapsOf,
  GONE_AFTER_MS,
  lostOf,
  RECORDER_STATES,
  recorderStateOf,
  rejectedOf,
  sizeOf,
  STUCK_AFTER_MS,
  type RecorderState,
  type Sequences,
} from '@factflow/domain';
import { RECORDER_COLUMNS, recorderFromRow, type RecorderRow as StoredRow } from '@factflow/store';
import { ApiProperty } from '@nestjs/swagger';
import { Count, Id, NextCursor, Text, Time, Word } from '../http/response-fields';

/** Ranges of one kind that an answer holds; the counts beside them are whole. */
const SHOWN_RANGES = 100;

/** Sequences from the first to the last. */
export class SequenceSpan {
  @ApiProperty({ type: 'integer', minimum: 1 })
  readonly from!: number;

  @ApiProperty({ type: 'integer', minimum: 1 })
  readonly to!: number;
}

const Spans = (description: string): PropertyDecorator =>
  ApiProperty({
    type: () => [SequenceSpan],
    description: `${description}; the first ${SHOWN_RANGES} ranges`,
  });

/** The part of the library inside a service that takes facts in, as it describes itself. */
export class Recorder {
  @Id()
  readonly id!: string;

  @Text({ nullable: true, description: 'null, as all it says of itself, until a heartbeat has come' })
  readonly service!: string | null;

  @Text({ nullable: true })
  readonly host!: string | null;

  @ApiProperty({ type: 'integer', nullable: true })
  readonly pid!: number | null;

  @Word(RECORDER_STATES, 'RecorderState', {
    description:
      `\`stuck\`: its main thread has not been at work for ${STUCK_AFTER_MS / 1000} s; \`gone\`: no heartbeat for ` +
      `${GONE_AFTER_MS / 1000} s and not closed, or its process has died; \`silent\`: its events came, but never a heartbeat`,
  })
  readonly state!: RecorderState;

  @Time({ nullable: true, description: 'By its own clock' })
  readonly started_at!: string | null;

  @Time({ nullable: true, description: 'When its last heartbeat came' })
  readonly heartbeat_at!: string | null;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    nullable: true,
    description: 'How long ago its main thread was last at work, as of the heartbeat',
  })
  readonly main_thread_age_ms!: number | null;

  @Count('Sequence of the last event it has recorded')
  readonly highest_sequence!: number;

  @Count('Events of it that have arrived')
  readonly received!: number;

  @Count('Events it had not been rid of, as of the heartbeat')
  readonly queued!: number;

  @Count('Those of them on its disk, as of the heartbeat')
  readonly spooled!: number;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    nullable: true,
    description:
      'Payloads that waited in its process, as of the heartbeat, those it took over from dead processes among them; null: not known',
  })
  readonly payloads!: number | null;

  @Count('Events it has given up, and that were not imported since')
  readonly lost!: number;

  @Spans('Their sequences')
  readonly lost_ranges!: SequenceSpan[];

  @Count('Events that were rejected')
  readonly rejected!: number;

  @Spans('Their sequences')
  readonly rejected_ranges!: SequenceSpan[];

  @Count('Sequences that more than one of its events has: what it numbers proves nothing')
  readonly repeated!: number;

  @Spans('Those sequences')
  readonly repeated_ranges!: SequenceSpan[];

  @Count('Events that are missing: neither received, rejected nor lost, nor still in its hands')
  readonly gaps!: number;

  @Spans('Sequences that are missing, those still in its hands among them')
  readonly gap_ranges!: SequenceSpan[];
}

export class RecorderPage {
  @ApiProperty({ type: () => [Recorder] })
  readonly items!: Recorder[];

  @NextCursor()
  readonly next_cursor!: string | null;
}

/** A recorder as it is read, with the time by the clock of the database. */
export type RecorderRow = StoredRow & { readonly now: Date };

/** The columns of a {@link RecorderRow}; the table goes by the name `o`. */
export const COLUMNS = `${RECORDER_COLUMNS}, now() AS now`;

/** SQL that holds for recorders `o` that are gone. */
export const GONE = `(NOT o.closed AND o.heartbeat_at IS NOT NULL AND (o.gone OR o.heartbeat_at < now() - interval '${GONE_AFTER_MS} milliseconds'))`;

/** SQL for the state of recorders `o`. */
export const STATE = `CASE WHEN o.closed THEN 'closed' WHEN o.heartbeat_at IS NULL THEN 'silent' WHEN ${GONE} THEN 'gone'
    WHEN o.main_thread_age_ms > ${STUCK_AFTER_MS} THEN 'stuck' ELSE 'alive' END`;

const spansOf = (set: Sequences): SequenceSpan[] =>
  set.slice(0, SHOWN_RANGES).map(([from, to]) => ({ from, to }));
const timeOf = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));

/** A row as the API shows it. */
export function recorderOf(row: RecorderRow): Recorder {
  const recorder = recorderFromRow(row);
  const now = row.now.getTime();
  const [lost, rejected, gaps] = [lostOf(recorder), rejectedOf(recorder), gapsOf(recorder, now)];
  return {
    id: recorder.id,
    service: recorder.service,
    host: recorder.host,
    pid: recorder.pid,
    state: recorderStateOf(recorder, now),
    started_at: timeOf(recorder.startedAt),
    heartbeat_at: timeOf(recorder.heartbeatAt),
    main_thread_age_ms: recorder.mainThreadAgeMs,
    highest_sequence: recorder.highestSequence,
    received: sizeOf(recorder.received),
    queued: recorder.queued,
    spooled: recorder.spooled,
    payloads: recorder.payloads,
    lost: sizeOf(lost),
    lost_ranges: spansOf(lost),
    rejected: sizeOf(rejected),
    rejected_ranges: spansOf(rejected),
    repeated: sizeOf(recorder.repeated),
    repeated_ranges: spansOf(recorder.repeated),
    gaps: gaps.count,
    gap_ranges: spansOf(gaps.ranges),
  };
}
