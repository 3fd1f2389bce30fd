import type { FailedRecord, LineageRecord } from '@factflow/client';
import type { Column } from '../layout';
import type { Options } from '../options';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import { tookText } from '../time';

/** The filters of a list as its query names them. */
export const filtersOf = (options: Options) => ({
  execution_id: options.execution,
  status: options.status as never,
  completion: options.completion as never,
  route_id: options.route,
  adapter_name: options.adapter,
  batch_id: options.batch,
  parent_id: options.parent,
  input_hash: options.inputHash,
  output_hash: options.outputHash,
  started_after: options.after,
  started_before: options.before,
  stalled: options.stalled,
});

type Named = Pick<LineageRecord, 'route_id' | 'adapter_name'>;

/** The place a record has in the pipeline, such as `documents/chunker`. */
export const placeOf = ({ route_id: route, adapter_name: adapter }: Named): string =>
  route === null || adapter === null ? 'not registered' : safeText(`${route}/${adapter}`);

/** Error class and message, on one line. */
export const errorText = (error: LineageRecord['error']): string =>
  error === null ? '' : safeText(error.message === '' ? error.class : `${error.class}: ${error.message}`);

const remarkText = (record: LineageRecord): string =>
  [
    record.stalled ? STALLED : '',
    record.conflicts > 0 ? conflictText(record.conflicts) : '',
    errorText(record.error) || (record.cancel_reason === null ? '' : safeText(record.cancel_reason)),
  ]
    .filter((text) => text !== '')
    .join('; ');

/** What is said of a pending record whose recorder is gone. */
export const STALLED = 'stalled: its recorder is gone';

export const conflictText = (conflicts: number): string =>
  `${conflicts} conflict${conflicts === 1 ? '' : 's'}`;

/** The columns of lists of records; where all have failed, there is no need to say it of each. */
export function recordColumns(
  printer: Printer,
  { oneExecution = false, allFailed = false }: { oneExecution?: boolean; allFailed?: boolean },
): Column<LineageRecord>[] {
  const execution: Column<LineageRecord> = {
    title: 'EXECUTION',
    text: (record) => record.execution_id,
    optional: 3,
  };
  return [
    { title: 'RECORD', text: (record) => record.id },
    { title: 'ADAPTER', text: placeOf, least: 10 },
    ...(allFailed ? [sinceColumn(printer)] : outcomeColumns(printer)),
    { title: 'STARTED', text: (record) => printer.time(record.started_at), optional: 2 },
    {
      title: 'TOOK',
      text: (record) => tookText(record.started_at, record.completed_at),
      align: 'right',
      optional: 4,
    },
    ...(oneExecution ? [] : [execution]),
    { title: 'REMARK', text: remarkText, color: (text) => printer.red(text), least: 16, optional: 1 },
  ];
}

/** Whether what failed was tried again, and what came of it: `retry done`. */
const sinceText = (record: Partial<FailedRecord>): string =>
  (['retry', 'replay'] as const)
    .flatMap((name) => (record[name] ? [`${name} ${record[name].completion}`] : []))
    .join(', ');

const sinceColumn = (printer: Printer): Column<LineageRecord & Partial<FailedRecord>> => ({
  title: 'SINCE',
  text: sinceText,
  color: (text, { retry, replay }) => printer.outcome(text, (replay ?? retry)?.completion ?? ''),
  optional: 1,
});

const outcomeColumns = (printer: Printer): Column<LineageRecord>[] => [
  {
    title: 'STATUS',
    text: (record) => record.status,
    color: (text, record) => printer.outcome(text, record.status === 'completed' ? '' : record.status),
    optional: 5,
  },
  {
    title: 'COMPLETION',
    text: (record) => record.completion,
    color: (text, record) => printer.outcome(text, record.completion),
  },
];

/** A record on a line of its own, as it is printed while a list is followed. */
export function recordLine(printer: Printer, record: LineageRecord): string {
  const { status, completion } = record;
  return [
    printer.dim(printer.time(record.started_at)),
    record.id,
    placeOf(record),
    sinceText(record),
    printer.outcome(completion === 'awaiting_children' ? `${status}, ${completion}` : completion, completion),
    remarkText(record),
  ]
    .filter((text) => text !== '')
    .join('  ');
}
