import type { DiffSummary } from '@factflow/client';
import type { Printer } from '../printer';
import { WORDS, type Counted } from './diff-words';

/** What makes b worse. */
const WORSE: readonly Counted[] = ['newly_failing', 'missing', 'newly_cancelled', 'extra_failing'];
/** What does not, but is not as good as could be. */
const OPEN: readonly Counted[] = ['failing_further', 'failing_differently', 'failing_same', 'pending'];

type Totals = DiffSummary['totals'];

/** What a comparison amounts to, in a sentence that names everything it counted. */
export function verdictText(printer: Printer, { worse, finished, totals, b }: DiffSummary): string {
  const unfinished = finished ? '' : ` It is not finished (${b.completion}): nothing is proved yet.`;
  if (worse) {
    const besides = listed([...counts(totals, 'fixed', ...OPEN), ...others(totals)]);
    const text = `b is worse: ${listed(counts(totals, ...WORSE))}${besides && `; besides ${besides}`}.`;
    return printer.red(text) + unfinished;
  }
  const fixed = totals.fixed > 0 ? counts(totals, 'fixed') : ['nothing fixed'];
  const told = listed([...fixed, ...counts(totals, ...OPEN), ...others(totals)]);
  const unchanged = totals.output_changed > 0 ? '' : ', no output changed';
  const text = `b is not worse: ${told}; nothing newly failing, nothing missing${unchanged}.`;
  if (unfinished !== '') return printer.yellow(text + unfinished);
  const isClean = counts(totals, ...OPEN, 'output_changed', 'slower').length === 0;
  return printer.outcome(text, isClean ? 'done' : '');
}

/** What came well in both, or is in b alone. */
function others(totals: Totals): string[] {
  const { extra, extra_failing: failing, failing_further: further, slower } = totals;
  return [
    ...counts(totals, 'output_changed'),
    // Those that fail are named as such.
    ...(extra > failing + further ? counts(totals, 'extra') : []),
    ...counts(totals, 'identical'),
    ...(slower > 0 ? [`${slower} of them slower`] : []),
  ];
}

const counts = (totals: Totals, ...words: readonly Counted[]): string[] =>
  words.filter((word) => totals[word] > 0).map((word) => `${totals[word]} ${WORDS[word][0]}`);

const listed = (texts: readonly string[]): string => texts.join(', ');
