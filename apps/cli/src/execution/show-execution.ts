import type { Completeness, CompletenessState, ExecutionDetails } from '@factflow/client';
import { printFields, type Prose } from '../fields';
import type { Printer } from '../printer';
import { safeJson, safeLines, safeText } from '../safe-text';
import type { Session } from '../session';
import { tookText } from '../time';

/** Prints one execution. */
export async function showExecution(
  { printer, settings }: Session,
  execution: ExecutionDetails,
): Promise<void> {
  if (settings.output === 'json') return printer.json(execution);
  if (settings.output === 'jsonl') return printer.jsonLine(execution);
  const { status, completion, error, counts, completeness } = execution;
  const count = (word: keyof typeof counts) =>
    counts[word] > 0 ? [printer.outcome(`${counts[word]} ${word}`, word === 'completed' ? '' : word)] : [];
  const records = [...count('completed'), ...count('failed'), ...count('pending'), ...count('cancelled')];
  await printFields(printer, [
    ['execution', execution.id],
    ['name', execution.name && safeText(execution.name)],
    ['status', printer.outcome(status, status === 'completed' ? '' : status)],
    ['completion', printer.outcome(completion, completion)],
    ['completeness', completenessLines(printer, completeness)],
    ['error', error && printer.red(safeText(`${error.class}: ${error.message}`))],
    ['traceback', error?.traceback ? safeLines(error.traceback) : null],
    ['records', records.join(', ') || 'none'],
    ['failing', failingLines(printer, execution)],
    ['not settled', execution.unsettled > 0 ? String(execution.unsettled) : null],
    ['not registered', execution.placeholders > 0 ? `${execution.placeholders} that others mention` : null],
    ['started', printer.time(execution.started_at)],
    ['ended', execution.completed_at && printer.time(execution.completed_at)],
    ['took', execution.completed_at && tookText(execution.started_at, execution.completed_at)],
    ['pinned', execution.pinned ? 'yes: it is never pruned' : null],
    ['replay of', execution.replay_of],
    ['from stage', execution.from_stage && safeText(execution.from_stage)],
    ['replays', replayLines(printer, execution)],
    ['metadata', execution.metadata && safeJson(execution.metadata, 2).split('\n')],
  ]);
}

/** Adapters that failed, with the record of each that failed last: to begin with. */
function failingLines(printer: Printer, execution: ExecutionDetails): string[] {
  const { failing_adapters: adapters, more_failing_adapters: more, id } = execution;
  const lines = adapters.map(
    ({ route_id: route, adapter_name: adapter, failed, sample_record_id: sample }) => {
      const text = printer.red(`${failed} in ${safeText(`${route}/${adapter}`)}`);
      return sample === null ? text : `${text}, such as ${sample}`;
    },
  );
  return more ? [...lines, `and more, see factflow lineage stats --execution ${id}`] : lines;
}

/** What was replayed from it, the latest first. */
function replayLines(printer: Printer, { replays, more_replays: more, id }: ExecutionDetails): string[] {
  const lines = replays.map(({ id: replay, completion, from_stage: stage, started_at: started }) => {
    const from = stage === null ? '' : ` from ${safeText(stage)}`;
    return `${replay} ${printer.outcome(completion, completion)}${from}, ${printer.time(started)}`;
  });
  return more ? [...lines, `and more, see factflow execution list --replay-of ${id}`] : lines;
}

const OUTCOMES: Readonly<Record<CompletenessState, string>> = {
  proven: 'done',
  open: 'pending',
  lossy: 'failed',
  unknown: '',
};
/** Ranges that are shown; JSON has more. */
const SHOWN_RANGES = 5;

/** Whether all of it has arrived: the word, what it means, what is missing, and what to type next. */
function completenessLines(printer: Printer, completeness: Completeness): (string | Prose)[] {
  const { state, reason, pending, ranges, advice } = completeness;
  const count = state === 'open' && pending > 0 ? ` (${pending} pending)` : '';
  const missing = ranges.slice(0, SHOWN_RANGES).map(({ recorder_id: recorder, from, to }) => {
    const which = from === to ? `event ${from}` : `events ${from} to ${to}`;
    return `${which} of recorder ${recorder}`;
  });
  const more = ranges.length - missing.length;
  return [
    printer.outcome(state + count, OUTCOMES[state]),
    { prose: safeText(reason) },
    ...missing,
    ...(more > 0 ? [`and ${more} ranges more, see -o json`] : []),
    ...(advice === null ? [] : [`next: ${safeText(advice)}`]),
  ];
}
