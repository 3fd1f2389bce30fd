import type { Execution } from '@factflow/client';
import type { Column } from '../layout';
import { printPage, readPages } from '../pages';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import type { Action } from '../session';
import { tookText } from '../time';

/** `execution list`: executions that match all filters, the latest start first. */
export const listExecutions: Action = async (session) => {
  const { api, options, printer } = session;
  const filters = {
    status: options.status as never,
    completion: options.completion as never,
    name: options.name,
    replay_of: options.replayOf,
    started_after: options.after,
    started_before: options.before,
  };
  const page = await readPages<Execution>(
    (query) =>
      api.ask((client) => client.GET('/api/v1/executions', { params: { query: { ...filters, ...query } } })),
    options.limit,
  );
  return printPage(session, page, async () => columnsOf(printer), 'executions');
};

const total = ({ counts }: Execution): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const columnsOf = (printer: Printer): Column<Execution>[] => [
  { title: 'EXECUTION', text: ({ id }) => id },
  { title: 'NAME', text: ({ name }) => safeText(name ?? '-'), least: 8 },
  {
    title: 'STATUS',
    text: ({ status }) => status,
    color: (text, { status }) => printer.outcome(text, status === 'completed' ? '' : status),
    optional: 4,
  },
  {
    title: 'COMPLETION',
    text: ({ completion }) => completion,
    color: (text, { completion }) => printer.outcome(text, completion),
  },
  {
    title: 'COMPLETENESS',
    text: ({ completeness }) => completeness.state,
    color: (text, { completeness }) => (completeness.state === 'lossy' ? printer.red(text) : text),
    optional: 6,
  },
  { title: 'RECORDS', text: (execution) => String(total(execution)), align: 'right', optional: 2 },
  {
    title: 'FAILED',
    text: ({ counts }) => String(counts.failed),
    color: (text, { counts }) => (counts.failed > 0 ? printer.red(text) : printer.dim(text)),
    align: 'right',
    optional: 1,
  },
  { title: 'STARTED', text: (execution) => printer.time(execution.started_at), optional: 3 },
  {
    title: 'TOOK',
    text: (execution) => tookText(execution.started_at, execution.completed_at),
    align: 'right',
    optional: 5,
  },
];
