import type { FailureGroup, FailureGroups } from '@factflow/client';
import { EXIT, usageError, type ExitCode } from '../cli-error';
import type { Column } from '../layout';
import { cutRemark } from '../pages';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import type { Action, Session } from '../session';
import { showRecords } from './list';
import { filtersOf } from './show-records';

const DEFAULT_LIMIT = 50;
/** Groups of an answer; there are no pages of them. */
const MOST = 1000;

/** `lineage failures`: failed records, the latest failure first, or what went wrong and how often. */
export const listFailures: Action = (session) => {
  const { group, follow } = session.options;
  if (!group) return showRecords(session, '/api/v1/lineage/failures');
  if (follow) throw usageError('--follow prints records as they fail: it cannot go with --group.');
  return showGroups(session);
};

async function showGroups(session: Session): Promise<ExitCode> {
  const { api, options, printer, settings } = session;
  const limit = Math.min(options.limit ?? DEFAULT_LIMIT, MOST);
  const found = await api.ask<FailureGroups>((client) =>
    client.GET('/api/v1/lineage/failures', {
      params: { query: { ...filtersOf(options), group: true, limit } },
    }),
  );
  const { groups } = found;
  if (settings.output === 'json') await printer.json(found);
  else if (settings.output === 'jsonl') for (const group of groups) await printer.jsonLine(group);
  else if (groups.length === 0) printer.remark('No failed records found.');
  else {
    const { tableText } = await import('../layout');
    await printer.line(tableText(groups, columnsOf(printer), settings.columns));
  }
  if (settings.output !== 'json') for (const remark of remarksOn(found)) printer.remark(remark);
  return EXIT.fine;
}

/** A bounded answer says so. */
function remarksOn({ groups, total_groups: total, failures, ungrouped, truncated }: FailureGroups): string[] {
  return [
    ...(total > groups.length ? [cutRemark(groups.length, 'groups')] : []),
    ...(ungrouped > 0
      ? [`${ungrouped} failures are in none of the ${total} groups: there were too many.`]
      : []),
    ...(truncated
      ? [`Only the latest ${failures} failures were looked at: --execution, --after and --before narrow it.`]
      : []),
  ];
}

const columnsOf = (printer: Printer): Column<FailureGroup>[] => [
  { title: 'COUNT', text: ({ count }) => String(count), align: 'right' },
  {
    title: 'MENDED',
    text: ({ mended }) => String(mended),
    color: (text, { count, mended }) =>
      mended === count
        ? printer.outcome(text, 'done')
        : mended > 0
          ? printer.yellow(text)
          : printer.dim(text),
    align: 'right',
  },
  {
    title: 'ADAPTER',
    text: ({ route_id: route, adapter_name: adapter }) => safeText(`${route}/${adapter}`),
    least: 10,
  },
  {
    title: 'ERROR',
    text: ({ error_class: name, message }) => safeText(message === '' ? name : `${name}: ${message}`),
    color: (text) => printer.red(text),
    least: 12,
  },
  { title: 'FIRST', text: ({ first_at: at }) => printer.time(at), optional: 2 },
  { title: 'LAST', text: ({ last_at: at }) => printer.time(at), optional: 1 },
  { title: 'SUCH AS', text: ({ sample_id: id }) => id },
];
