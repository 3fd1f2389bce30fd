import type { DiffAttempt, DiffClass, DiffRow, DiffSummary } from '@factflow/client';
import type { Column } from '../layout';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import type { Session } from '../session';
import { duration } from '../time';
import type { ReadDiff } from './diff';

/** The worst first; a class as it is called in a sentence, and the completion whose colour it has. */
const CLASSES: Readonly<Record<DiffClass, readonly [words: string, color: string]>> = {
  newly_failing: ['newly failing', 'failed'],
  missing: ['missing', 'failed'],
  newly_cancelled: ['newly cancelled', 'failed'],
  failing_differently: ['failing differently', 'failed'],
  failing_same: ['failing the same', 'failed'],
  pending: ['pending', 'pending'],
  output_changed: ['output changed', 'pending'],
  extra: ['extra', ''],
  fixed: ['fixed', 'done'],
  identical: ['identical', ''],
};
const ORDER = Object.keys(CLASSES) as DiffClass[];

/** What is counted beside the classes. */
type Counted = DiffClass | 'extra_failing' | 'failing_further' | 'slower';
const WORDS: Readonly<Record<Counted, readonly [words: string, color: string]>> = {
  ...CLASSES,
  extra_failing: ['extra and failing', 'failed'],
  failing_further: ['failing further on', 'failed'],
  slower: ['slower', 'pending'],
};

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
  await printer.line(`\n${verdictOf(printer, summary)}`);
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

/** What all of it amounts to, in a sentence. */
function verdictOf(printer: Printer, { worse, finished, totals, b }: DiffSummary): string {
  const counts = (...words: Counted[]): string =>
    words
      .filter((word) => totals[word] > 0)
      .map((word) => `${totals[word]} ${WORDS[word][0]}`)
      .join(', ');
  const unfinished = finished ? '' : ` It is not finished (${b.completion}): nothing is proved yet.`;
  if (worse) {
    const why = counts('newly_failing', 'missing', 'newly_cancelled', 'extra_failing');
    return printer.red(`b is worse: ${why}.`) + unfinished;
  }
  const good = counts('fixed') || 'nothing fixed';
  const rest = counts('failing_further', 'failing_differently', 'failing_same');
  const text = `b is not worse: ${good}${rest === '' ? '' : `, ${rest}`}, nothing newly failing, nothing missing.`;
  return unfinished === ''
    ? printer.outcome(text, rest === '' ? 'done' : '')
    : printer.yellow(text + unfinished);
}
