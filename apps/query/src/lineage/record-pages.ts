import { formatTime } from '@factflow/domain';
import type { Statement } from '@factflow/store';
import { Parameters } from '../database/parameters';
import type { Database } from '../database/database';
import { Cursors, cutPage } from '../http/cursor';
import { RECORD_COLUMNS, type RecordPage, type RecordRow } from './lineage-record';
import type { RecordFilters } from './record-filters';
import { compareRecordKeys, readRecordKey, recordKeyOf, type KeyedRow, type RecordKey } from './record-key';
import { scansOf, type Scan, type TimeColumn } from './record-scans';
import { hasGone, lineageRecordsOf } from './stalled';

const NARROW = 'name an execution_id, or a shorter time with started_after and started_before';

/** How a list goes. */
export interface PageOrder<Time extends TimeColumn = TimeColumn> {
  readonly time: Time;
  readonly direction: 'ASC' | 'DESC';
}

/** A stretch of a list. */
export interface PageRequest<Time extends TimeColumn = TimeColumn> {
  readonly filters: RecordFilters;
  readonly order: PageOrder<Time>;
  /** rows at most */
  readonly limit: number;
  /** the row it comes behind */
  readonly behind: RecordKey | undefined;
}

/**
 * A page of the registered records that a filter matches.
 * @param question what binds cursors to this list and this filter
 */
export async function readRecordPage(
  database: Database,
  question: readonly unknown[],
  request: Omit<PageRequest, 'behind'> & { readonly cursor: string | undefined },
): Promise<RecordPage> {
  const { order, limit } = request;
  const cursors = new Cursors(question, readRecordKey);
  const behind = cursors.open(request.cursor);
  const rows = await readRecordRows(database, { ...request, limit: limit + 1, behind });
  const page = cutPage(rows, limit, (last) => cursors.after(recordKeyOf(last, order.time)));
  return { ...page, items: await lineageRecordsOf(database.reader(), page.items) };
}

// Served by lineage_record_id. The executions of a parent: it has a row wherever it has children.
const EXECUTIONS: Statement = {
  name: 'executions-of-parent',
  sql: 'SELECT p.execution_id FROM lineage_record p WHERE p.id = $1 LIMIT 2',
};

/**
 * The rows themselves. Children are found by execution: those of their parent are looked up where none is named.
 * @param columns what is read of each; the table goes by the name `r`
 */
export async function readRecordRows<Time extends TimeColumn, Row extends KeyedRow<Time> = RecordRow>(
  database: Database,
  request: PageRequest<Time>,
  columns: string = RECORD_COLUMNS,
): Promise<Row[]> {
  const { execution_id: executionId, parent_id: parentId, stalled } = request.filters;
  if (stalled)
    return readOfSeveral(database, request, columns, (parameters) => goneExecutions(executionId, parameters));
  let execution = executionId;
  if (executionId === undefined && parentId !== undefined) {
    const [first, second] = await database.reader().rows<{ execution_id: string }>(EXECUTIONS, [parentId]);
    if (!first) return [];
    if (second)
      return readOfSeveral(database, request, columns, (parameters) =>
        parentExecutions(parentId, parameters),
      );
    execution = first.execution_id;
  }
  const parameters = new Parameters();
  const place = execution === undefined ? undefined : parameters.add(execution, 'uuid');
  const sql = pageSql(request, columns, place, parameters);
  return sql === undefined ? [] : firstOf(await database.read<Row>(sql, parameters.values, NARROW), request);
}

/** A statement that reads a page, and more when what it merges has no common order; `undefined`: there can be no rows. */
function pageSql(
  request: PageRequest,
  columns: string,
  execution: string | undefined,
  parameters: Parameters,
): string | undefined {
  const { filters, order } = request;
  const scans = scansOf({ filters, time: order.time, execution }, parameters);
  const bounds = boundsOf(request, parameters);
  const limit = parameters.add(request.limit, 'bigint');
  const statements = scans.map((scan) => scanSql(scan, columns, bounds, order.direction, limit));
  const [common = [], ...others] = scans.map((scan) => scan.order);
  if (others.length === 0) return statements[0];
  const all = `SELECT * FROM ((${statements.join(') UNION ALL (')})) r`;
  // Merged, not sorted: each is in this order already.
  return others.every((other) => other.join() === common.join())
    ? `${all} ORDER BY ${orderBy(common, order.direction)} LIMIT ${limit}`
    : all;
}

/** Served by the index of the scan. */
const scanSql = (
  { conditions, order }: Scan,
  columns: string,
  bounds: readonly string[],
  direction: PageOrder['direction'],
  limit: string,
): string =>
  `SELECT ${columns} FROM lineage_record r WHERE ${[...conditions, ...bounds].join(' AND ')}
   ORDER BY ${orderBy(order, direction)} LIMIT ${limit}`;

const orderBy = (columns: readonly string[], direction: PageOrder['direction']): string =>
  columns.map((column) => `r.${column} ${direction}`).join(', ');

/** The first rows of several lists, each in order. */
function firstOf<Time extends TimeColumn, Row extends KeyedRow<Time>>(
  rows: readonly Row[],
  { order, limit }: PageRequest<Time>,
): Row[] {
  const sign = order.direction === 'ASC' ? 1 : -1;
  return rows
    .map((row) => ({ row, key: recordKeyOf(row, order.time) }))
    .sort((a, b) => sign * compareRecordKeys(a.key, b.key))
    .slice(0, limit)
    .map(({ row }) => row);
}

/** Executions that have a parent. Served by lineage_record_id. */
const parentExecutions = (parentId: string, parameters: Parameters): string =>
  `SELECT p.execution_id FROM lineage_record p WHERE p.id = ${parameters.add(parentId, 'uuid')}`;

/**
 * Executions that may have stalled records, or the one that is named if it may. Served by lineage_execution_unsettled,
 * which holds few: what is pending has not settled.
 */
const goneExecutions = (executionId: string | undefined, parameters: Parameters): string =>
  `SELECT x.execution_id FROM lineage_execution x WHERE x.unsettled > 0 AND ${hasGone('x.execution_id')}
   ${executionId === undefined ? '' : `AND x.execution_id = ${parameters.add(executionId, 'uuid')}`}`;

/**
 * Records of several executions: children of a parent that all of them have, or what is stalled. Served, per execution,
 * by lineage_record_children or lineage_record_execution_status (failures by lineage_record_execution_failures); what
 * is sorted is a page of each.
 */
async function readOfSeveral<Row>(
  database: Database,
  request: PageRequest,
  columns: string,
  executionsSql: (parameters: Parameters) => string,
): Promise<Row[]> {
  const parameters = new Parameters();
  const sql = pageSql(request, columns, 'e.execution_id', parameters);
  if (sql === undefined) return [];
  const { time, direction } = request.order;
  const several = `
    SELECT r.* FROM (${executionsSql(parameters)} OFFSET 0) e
    CROSS JOIN LATERAL (${sql}) r
    ORDER BY ${orderBy([time, 'id', 'execution_id'], direction)} LIMIT ${parameters.add(request.limit, 'bigint')}`;
  return database.read<Row>(several, parameters.values, NARROW);
}

/** Bounds of time. A cursor says more than the bound at whose side it is: both would leave the scan to begin at either. */
function boundsOf({ filters, order, behind }: PageRequest, parameters: Parameters): string[] {
  const { started_after: after, started_before: before } = filters;
  const { time, direction } = order;
  const at = (ms: number): string => parameters.add(formatTime(ms), 'timestamptz');
  const passed = (side: PageOrder['direction']): boolean =>
    behind !== undefined && time === 'started_at' && direction === side;
  return [
    ...(after === undefined || passed('ASC') ? [] : [`r.started_at >= ${at(after)}`]),
    ...(before === undefined || passed('DESC') ? [] : [`r.started_at < ${at(before)}`]),
    ...(behind === undefined
      ? []
      : [
          `(r.${time}, r.id, r.execution_id) ${direction === 'ASC' ? '>' : '<'} (${at(behind[0])}, ` +
            `${parameters.add(behind[1], 'uuid')}, ${parameters.add(behind[2], 'uuid')})`,
        ]),
  ];
}
