import type { DiffAttempt, DiffClass, DiffRow, DiffSummary } from '@factflow/client';
import type { Column } from '../layout';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import type { Session } from '../session';
import { duration } from '../time';
import type { ReadDiff } from './diff';
import { CLASSES, WORDS, type Counted } from './diff-words';
import { verdictText } from './verdict';

const ORDER = Object.keys(CLASSES) as DiffClass[];

/** Prints totals, rows and what they amount to. */
export async function printDiff({ printer, settings }: Session, { summary, rows }: ReadDiff): Promise<void> {
  const { tableText, fit } = await import('../layout');
  await printer.line(printer.dim('a  ') + executionText(printer, summary.a));
  await printer.line(printer.dim('b  ') + executionText(printer, summary.b));
  const counted = Object.keys(WORDS).filter((word): word is Counted => summary.totals[word as Counted] > 0);
  await printer.line('');
  if (counted.length === 0) await printer.line('There is nothing to compare.');
  else await printer.line(tableText(counted, totalColumns(printer, summary), settings.columns));
  let last = '';
  for (const row of [...rows].sort((x, y) => ORDER.indexOf(x.class) - ORDER.indexOf(y.class))) {
    const heading = headingOf(printer, row);
    if (heading !== last) await printer.line(`\n${heading}`);
    last = heading;
    for (const side of ['a', 'b'] as const) {
      const attempt = row[side];
      if (!attempt) continue;
      const start = `  ${side}  ${attempt.id}  `;
      const room = settings.columns === undefined ? Infinity : settings.columns - start.length;
      const text = fit(attemptText(attempt, side === 'b' && row.slower), Math.max(room, 1));
      await printer.line(start + printer.outcome(text, attempt.completion));
    }
  }
  await printer.line(`\n${verdictText(printer, summary)}`);
}

function executionText(printer: Printer, execution: DiffSummary['a']): string {
  const { id, name, completion, outside } = execution;
  return [
    id,
    ...(name === null ? [] : [safeText(name)]),
    printer.outcome(completion, completion),
    ...(outside > 0 ? [printer.dim(`${outside} not replayed`)] : []),
  ].join('  ');
}

function totalColumns(printer: Printer, { totals, adapters }: DiffSummary): Column<Counted>[] {
  return [
    {
      title: 'CLASS',
      text: (word) => WORDS[word][0],
      color: (text, word) => printer.outcome(text, WORDS[word][1]),
    },
    { title: 'MESSAGES', text: (word) => String(totals[word]), align: 'right' },
    {
      title: 'ADAPTERS',
      text: (word) =>
        adapters
          .filter((adapter) => adapter[word] > 0)
          .sort((x, y) => y[word] - x[word])
          .map((adapter) => `${safeText(`${adapter.route_id}/${adapter.adapter_name}`)} ${adapter[word]}`)
          .join(', '),
      least: 16,
    },
  ];
}

const headingOf = (printer: Printer, { class: found, ...row }: DiffRow): string => {
  const [words, color] = CLASSES[found];
  return `${printer.outcome(words, color)}  ${safeText(`${row.route_id}/${row.adapter_name}`)}`;
};

function attemptText(attempt: DiffAttempt, slower: boolean): string {
  const { completion, attempts, duration_ms: took, error, cancel_reason: reason } = attempt;
  return [
    completion,
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(took === null ? [] : [`${duration(took)}${slower ? ' (slower)' : ''}`]),
    ...(error ? [safeText(`${error.class}: ${error.message}`)] : []),
    ...(reason === null ? [] : [safeText(reason)]),
  ].join(', ');
}
