import { emptyRecord, isRecordEvent, type ExecutionSum, type RecordState } from '@factflow/domain';
import { columnsOf, differencesOf, RECORDS, type RowTexts, type Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import type { LogSequences } from './log-sequences';
import { Pages, textBytes } from './pages';
import type { RecordGraph, StoredCounts } from './record-graph';
import { RecordFold } from './record-fold';
import type { Report } from './report';
import { recordEvents, recordOf, sourceOf, storedEvent } from './stored-event';
import type { SumTable } from './sum-table';

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const NAMES = Object.keys(RECORDS.columns);
const placeOf = (name: string): number => NAMES.indexOf(name);
const ID = placeOf('id');
const COUNTS = ['children', 'pending_children'] as const;
const COUNTED: ReadonlySet<string> = new Set(COUNTS);
/** Of a row that was folded from events, one at least is there. */
const DECISIONS = ['registration_event_id', 'start_event_id', 'terminal_event_id'].map(placeOf);

// Served by the primary key.
const rowsAfter = (name: string, after: '>' | '>='): Statement => ({
  name,
  sql: `
  SELECT ${columnsOf(RECORDS, 'r')} FROM lineage_record r
  WHERE r.execution_id = $1 AND r.id ${after} $2::uuid ORDER BY r.id LIMIT $3`,
});
const FIRST_ROWS = rowsAfter('verify_first_records', '>=');
const NEXT_ROWS = rowsAfter('verify_next_records', '>');

/** What the check of an execution's records leaves for the checks that follow. */
export interface Gathered {
  readonly log: LogSequences;
  readonly graph: RecordGraph;
  readonly sums: SumTable;
  readonly execution: ExecutionSum;
}

/** Holds the rows of an execution's records against a fold of their events, both in the order of ids, a page of each at a time. */
export class RecordsCheck {
  private readonly events;
  private readonly rows: Pages<RowTexts>;

  constructor(
    reader: Reader,
    private readonly executionId: string,
    private readonly gathered: Gathered,
    private readonly report: Report,
  ) {
    this.events = recordEvents(reader, executionId);
    this.rows = new Pages(
      (after, limit) =>
        reader.texts(after ? NEXT_ROWS : FIRST_ROWS, [executionId, after?.[ID] ?? FIRST_ID, limit]),
      textBytes,
    );
  }

  /** @param most records at most; @returns whether all were looked at */
  async run(most: number): Promise<boolean> {
    const { events, rows, report } = this;
    for (;;) {
      if (events.isUsedUp) await events.turn();
      if (rows.isUsedUp) await rows.turn();
      const [event, row] = [events.current, rows.current];
      const id = least(event && recordOf(event), row?.[ID]);
      if (id === undefined) return true;
      if (this.gathered.graph.size >= most) return false;
      const fold = event && recordOf(event) === id ? await this.fold(id) : undefined;
      const stored = row?.[ID] === id ? row : undefined;
      if (stored) {
        rows.advance();
        report.checked.records += 1;
      }
      this.compare(id, fold, stored);
      report.progress();
    }
  }

  /** Folds the events of the record that is next. */
  private async fold(id: string): Promise<RecordFold | undefined> {
    const { events, executionId, report } = this;
    const fold = new RecordFold({ executionId, id });
    let folded = 0;
    for (;;) {
      if (events.isUsedUp) await events.turn();
      const texts = events.current;
      if (!texts || recordOf(texts) !== id) return folded > 0 ? fold : undefined;
      events.advance();
      report.checked.events += 1;
      this.gathered.log.see(...sourceOf(texts));
      const { event, ...refused } = storedEvent(executionId, texts);
      if (event && isRecordEvent(event)) {
        folded += 1;
        this.gathered.execution.see(event);
        fold.see(event);
      } else if ('eventId' in refused) this.tellInvalid(id, refused.eventId, refused.problem);
    }
  }

  private compare(id: string, fold: RecordFold | undefined, row: RowTexts | undefined): void {
    const facts = fold?.result ?? null;
    if (fold) this.compareInputs(id, fold);
    const isOrphan = !facts && row !== undefined && DECISIONS.some((place) => row[place] !== null);
    if (isOrphan) this.tellOrphan(id);
    else if (row) this.compareRow(id, facts, row);
    const { graph, sums } = this.gathered;
    const sum = facts ? sums.add(facts) : -1;
    graph.add({ id, facts, counts: row ? countsOf(row) : null, sum, isOrphan });
  }

  private compareRow(id: string, facts: RecordState | null, row: RowTexts): void {
    const { executionId, report } = this;
    const expected = facts ?? emptyRecord({ executionId, id });
    for (const difference of differencesOf(RECORDS, row, expected, COUNTED)) {
      report.find('record_differs', {
        execution_id: executionId,
        record_id: id,
        ...difference,
        message: `The row of the record has another ${difference.field} than its events give.`,
        advice: rebuild(executionId),
      });
    }
  }

  private tellOrphan(id: string): void {
    this.report.find('record_unexpected', {
      execution_id: this.executionId,
      record_id: id,
      message: 'The row says that it was folded from events of the record, and none of them is in the log.',
      advice: rebuild(this.executionId),
    });
  }

  private compareInputs(id: string, { inputs }: RecordFold): void {
    if (inputs.length === 0) return;
    const { executionId, report } = this;
    report.checked.inputs += 1;
    // Another hash goes with other bytes: it is told once.
    const changed = inputs.find(({ registered, started }) => registered !== started);
    if (!changed) return;
    report.find('input_changed', {
      execution_id: executionId,
      record_id: id,
      field: changed.field,
      stored: changed.started,
      expected: changed.registered,
      message: 'The message changed on its way: its parent registered another input than it started with.',
      advice: `factflow lineage chain ${id} --execution ${executionId}`,
    });
  }

  private tellInvalid(id: string, eventId: string, problem: string): void {
    this.report.find('event_invalid', invalidEvent(this.executionId, id, eventId, problem));
  }
}

/** What is to be said of an event that cannot be folded. */
export const invalidEvent = (executionId: string, id: string | null, eventId: string, problem: string) => ({
  execution_id: executionId,
  record_id: id,
  event_id: eventId,
  message: `The event in the log is not one that was ever accepted, and is left out: ${problem}.`,
  advice: null,
});

/** What makes the rows of an execution anew. */
export const rebuild = (executionId: string): string => `npm run rebuild -- --execution ${executionId}`;

const countsOf = (row: RowTexts): StoredCounts => ({
  children: Number(row[placeOf('children')]),
  pendingChildren: Number(row[placeOf('pending_children')]),
});

const least = (a: string | null | undefined, b: string | null | undefined): string | undefined =>
  a && b ? (a < b ? a : b) : (a ?? b ?? undefined);
