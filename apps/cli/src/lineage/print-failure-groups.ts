import type { FailureGroup, FailureGroups } from '@factflow/client';
import type { Column } from '../layout';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import type { Session } from '../session';

/**
 * Prints groups as a table of what is counted, with what went wrong and when below each: an error has the whole width, and
 * the id to go on with is never cut.
 */
export async function printFailureGroups(
  { printer, settings }: Session,
  { groups }: FailureGroups,
): Promise<void> {
  if (groups.length === 0) {
    printer.remark('No failed records found.');
    return;
  }
  const { fit, tableText } = await import('../layout');
  const [titles = '', ...lines] = tableText(groups, columnsOf(printer), settings.columns).split('\n');
  const indent = ' '.repeat(titles.indexOf('ADAPTER'));
  const below = (text: string): string =>
    fit(text, settings.columns === undefined ? Infinity : Math.max(settings.columns - indent.length, 1));
  await printer.line(titles);
  for (const [n, group] of groups.entries()) {
    await printer.line(lines[n] ?? '');
    await printer.line(indent + printer.red(below(errorOf(group))));
    await printer.line(indent + printer.dim(below(timesOf(printer, group))));
  }
}

const columnsOf = (printer: Printer): Column<FailureGroup>[] => [
  { title: 'COUNT', text: ({ count }) => String(count), align: 'right' },
  {
    title: 'FIXED',
    text: ({ fixed, count }) => (fixed === count ? 'all' : String(fixed)),
    color: (text, { fixed, count }) =>
      fixed === count ? printer.outcome(text, 'done') : fixed > 0 ? printer.yellow(text) : printer.dim(text),
    align: 'right',
  },
  {
    title: 'ADAPTER',
    text: ({ route_id: route, adapter_name: adapter }) => safeText(`${route}/${adapter}`),
    least: 10,
  },
  { title: 'SUCH AS', text: ({ sample_id: id }) => id },
];

const errorOf = ({ error_class: name, message }: FailureGroup): string =>
  safeText(message === '' ? name : `${name}: ${message}`);

function timesOf(printer: Printer, group: FailureGroup): string {
  const { count, tried_again: again, first_at: first, last_at: last } = group;
  const times =
    count === 1 ? `failed ${printer.time(last)}` : `first ${printer.time(first)}, last ${printer.time(last)}`;
  return again === 0 ? times : `${times}; ${again} tried again, not fixed`;
}
