import {
  parentIdsOf,
  statisticsKey,
  type AdapterStatistics,
  type ExecutionState,
  type Projection,
  type RecordState,
  type StatisticsKey,
} from '@factflow/domain';

// What a writer has read or written last of executions that go on, so that it need not read it again. Whether that still
// holds is read in every transaction: whoever writes rows of an execution writes the execution's own row as well, in the
// same transaction and under its lane. As long as that row is of the transaction that is remembered, nobody else has
// written; once it is not, what is remembered is thrown away. The sums in it are compared too: a server that takes over
// from another may use the number of a transaction that was lost for one of its own.

/** Rows that are kept, of all executions together: some 20 MB. */
const MAX_ROWS = 16_384;
/** Ids that are kept, of rows that are there but not kept themselves: some 10 MB. */
const MAX_IDS = 131_072;
/** Characters of a row's error, reason, metadata and joins; one that has more is read again. */
const MAX_CHARACTERS = 1024;

/** The row of an execution as it was read, and the transaction that wrote it. */
export interface StoredExecution {
  readonly state: ExecutionState;
  readonly version: string;
}

/** What is known of one execution. Belongs to one transaction at a time. */
export class KnownExecution {
  private readonly records = new Map<string, RecordState>();
  /** of records that have a row which is not kept */
  private readonly ids = new Set<string>();
  private readonly sums = new Map<string, AdapterStatistics>();

  /** @param complete whether every row there is, is known to be there: true of an execution without rows */
  constructor(private complete: boolean) {}

  get size(): number {
    return this.records.size;
  }

  /** The row of a record, null where there is none; undefined when it has to be read. */
  record(id: string): RecordState | null | undefined {
    const known = this.records.get(id);
    if (known) return known;
    return this.complete && !this.ids.has(id) ? null : undefined;
  }

  /** The sum of an adapter, null where there is none; undefined when it has to be read. */
  statistics(key: StatisticsKey): AdapterStatistics | null | undefined {
    return this.sums.get(statisticsKey(key)) ?? (this.complete ? null : undefined);
  }

  /** Remembers a row as it is now. */
  keep(record: RecordState): void {
    if (isSmall(record)) {
      this.records.set(record.id, record);
      this.ids.delete(record.id);
    } else {
      this.records.delete(record.id);
      this.ids.add(record.id);
    }
  }

  keepStatistics(statistics: AdapterStatistics): void {
    this.sums.set(statisticsKey(statistics), statistics);
  }

  /** Forgets a row that is gone. */
  remove(id: string): void {
    this.records.delete(id);
    this.ids.delete(id);
  }

  removeStatistics(key: StatisticsKey): void {
    this.sums.delete(statisticsKey(key));
  }

  /** Lets go of the rows that came first until no more than so many are left. */
  shrink(rows: number): void {
    for (const id of this.records.keys()) {
      if (this.records.size <= rows) break;
      this.records.delete(id);
      this.ids.add(id);
    }
    if (this.ids.size <= MAX_IDS) return;
    this.ids.clear();
    this.complete = false;
  }
}

interface Entry extends StoredExecution {
  readonly known: KnownExecution;
}

/** What a writer knows of the executions it has written to lately. Bounded, and empty when it starts. */
export class KnownRows {
  /** the one that was written to last comes last */
  private readonly entries = new Map<string, Entry>();
  private rows = 0;

  /**
   * Hands over what is known of an execution; until it is put back nothing is.
   * @param stored its row as the transaction sees it that holds its lane; undefined when it has none
   */
  take(executionId: string, stored: StoredExecution | undefined): KnownExecution {
    const entry = this.entries.get(executionId);
    if (entry) this.forget(executionId, entry);
    if (!stored) return new KnownExecution(true);
    return entry && isSame(entry, stored) ? entry.known : new KnownExecution(false);
  }

  /** Puts back what is known of an execution after the commit of the transaction that wrote its row. */
  put(known: KnownExecution, { state, version }: StoredExecution): void {
    const before = this.entries.get(state.id);
    if (before) this.forget(state.id, before);
    // Late events are rare: they can be read for.
    if (state.status !== 'running' && state.unsettled === 0 && state.placeholders === 0) return;
    known.shrink(MAX_ROWS);
    this.entries.set(state.id, { state, version, known });
    this.rows += known.size;
    for (const [id, entry] of this.entries) {
      if (this.rows <= MAX_ROWS) return;
      this.forget(id, entry);
    }
  }

  private forget(executionId: string, { known }: Entry): void {
    this.entries.delete(executionId);
    this.rows -= known.size;
  }
}

/** Brings what is known of the executions of a batch up to what it has written. */
export function keepWritten(known: ReadonlyMap<string, KnownExecution>, projection: Projection): void {
  const { newRecords, progressedRecords, changedRecords, recountedRecords } = projection;
  for (const records of [newRecords, progressedRecords, changedRecords, recountedRecords])
    for (const record of records) known.get(record.executionId)?.keep(record);
  for (const { executionId, id } of projection.removedRecords) known.get(executionId)?.remove(id);
  for (const sum of projection.statistics) known.get(sum.executionId)?.keepStatistics(sum);
  for (const sum of projection.removedStatistics) known.get(sum.executionId)?.removeStatistics(sum);
}

function isSame(a: StoredExecution, b: StoredExecution): boolean {
  const [one, other] = [a.state, b.state];
  return (
    a.version === b.version &&
    one.lastEventAt === other.lastEventAt &&
    one.unsettled === other.unsettled &&
    one.placeholders === other.placeholders &&
    one.counts.pending === other.counts.pending &&
    one.counts.completed === other.counts.completed &&
    one.counts.failed === other.counts.failed &&
    one.counts.cancelled === other.counts.cancelled
  );
}

function isSmall(record: RecordState): boolean {
  const { error, cancelReason, metadata } = record;
  let room = MAX_CHARACTERS - (cancelReason?.length ?? 0) - 40 * parentIdsOf(record).length;
  if (error) room -= error.message.length + (error.traceback?.length ?? 0);
  return room >= 0 && (metadata === null || roomAfter(metadata, room) >= 0);
}

/** What is left of `room` after the characters of a value; no more is looked at than fits. */
function roomAfter(value: unknown, room: number): number {
  if (typeof value === 'string') return room - value.length;
  if (typeof value !== 'object' || value === null) return room - 8;
  let left = room - 8;
  for (const key in value) {
    left = roomAfter((value as Record<string, unknown>)[key], left - key.length);
    if (left < 0) break;
  }
  return left;
}
