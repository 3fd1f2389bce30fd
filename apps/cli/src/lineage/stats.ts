import type { AdapterTotals, Stats, Totals } from '@factflow/client';
import { EXIT, usageError } from '../cli-error';
import type { Column } from '../layout';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import type { Action } from '../session';
import { cutRemark, readPages } from '../pages';
import { duration } from '../time';

/** `lineage stats`: counts and durations of an execution, totals first. */
export const showStats: Action = async ({ api, options, printer, settings }) => {
  const { execution } = options;
  if (execution === undefined)
    throw usageError('Statistics are those of an execution: name it with --execution.');
  let totals: Totals | undefined;
  const adapters = await readPages<AdapterTotals>(async (query) => {
    const stats: Stats = await api.ask((client) =>
      client.GET('/api/v1/lineage/stats', { params: { query: { execution_id: execution, ...query } } }),
    );
    totals = stats.totals;
    return { items: stats.adapters, next_cursor: stats.next_cursor };
  }, options.limit ?? 1000);
  const { items, next_cursor } = adapters;
  if (settings.output === 'json') {
    await printer.json({ execution_id: execution, totals, adapters: items, next_cursor });
    return EXIT.fine;
  }
  if (settings.output === 'jsonl') {
    await printer.jsonLine({ execution_id: execution, totals });
    for (const adapter of items) await printer.jsonLine(adapter);
  } else {
    const { tableText } = await import('../layout');
    await printer.line(
      tableText([...(totals ? [totals] : []), ...items], columnsOf(printer), settings.columns),
    );
  }
  if (next_cursor !== null) printer.remark(cutRemark(items.length, 'adapters'));
  return EXIT.fine;
};

type Row = Totals | AdapterTotals;

/** Left out where nothing is stalled. */
const stalled = (printer: Printer): Column<Row> => ({
  title: 'STALLED',
  text: (row) => (row.stalled > 0 ? String(row.stalled) : ''),
  color: (text) => printer.yellow(text),
  align: 'right',
  optional: 0,
});

function columnsOf(printer: Printer): Column<Row>[] {
  const count = (title: string, of: (row: Row) => number, word: string, optional?: number): Column<Row> => ({
    title,
    text: (row) => String(of(row)),
    color: (text, row) => (of(row) > 0 ? printer.outcome(text, word) : printer.dim(text)),
    align: 'right',
    optional,
  });
  const time = (title: string, of: 'p50' | 'p90' | 'p99' | 'max', optional?: number): Column<Row> => ({
    title,
    text: ({ duration_ms: durations }) => (durations ? duration(durations[of]) : '-'),
    align: 'right',
    optional,
  });
  return [
    {
      title: 'ADAPTER',
      text: (row) => ('adapter_name' in row ? safeText(`${row.route_id}/${row.adapter_name}`) : 'all'),
      color: (text, row) => ('adapter_name' in row ? text : printer.bold(text)),
      least: 10,
    },
    count('RECORDS', (row) => row.records, ''),
    count('DONE', (row) => row.by_completion.done, 'done'),
    count('FAILED', (row) => row.by_completion.failed, 'failed'),
    count('PENDING', (row) => row.by_completion.pending, 'pending'),
    stalled(printer),
    count('AWAITING', (row) => row.by_completion.awaiting_children, 'awaiting_children'),
    count('CANCELLED', (row) => row.by_completion.cancelled, 'cancelled', 1),
    time('P50', 'p50'),
    time('P90', 'p90', 3),
    time('P99', 'p99', 2),
    time('MAX', 'max', 4),
  ];
}
