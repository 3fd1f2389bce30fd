import { counted } from '@factflow/domain';
import type { ExecutionDetails as Execution } from '@factflow/client';
import { CliError, EXIT, type ExitCode } from '../cli-error';
import { clearProgress, showProgress } from '../progress';
import type { Action, Session } from '../session';
import { safeText } from '../safe-text';
import { duration } from '../time';
import { readExecution } from './get';
import { showExecution } from './show-execution';

const EVERY_MS = 1000;

/** `execution wait`: waits until an execution has ended and nothing in it is unfinished; fine only when it is done. */
export const waitForExecution: Action = async (session, id) => {
  const { context, options } = session;
  const started = context.now();
  const left = (): number => (options.timeout ?? Infinity) - (context.now() - started);
  let execution = await readExecution(session, id);
  while (!hasEnded(execution)) {
    const waited = duration(context.now() - started);
    showProgress(session, `${execution.completion} for ${waited}: ${progressOf(execution)}`);
    if (left() <= 0) throw tooLate(session, execution);
    await context.pause(Math.min(EVERY_MS, left()), NEVER);
    execution = await readExecution(session, id);
  }
  clearProgress(session);
  await showExecution(session, execution);
  for (const remark of remarksOn(execution)) session.printer.remark(remark);
  return exitCodeOf(execution);
};

const NEVER = new AbortController().signal;

const hasEnded = ({ completion }: Execution): boolean =>
  completion === 'done' || completion === 'failed' || completion === 'cancelled';

const exitCodeOf = ({ status, completion }: Execution): ExitCode =>
  status === 'completed' && completion === 'done' ? EXIT.fine : EXIT.failed;

/** How far it is. */
function progressOf({ counts, unsettled, placeholders }: Execution): string {
  const records = counts.pending + counts.completed + counts.failed + counts.cancelled;
  return [
    `${records - unsettled} of ${counted(records, 'record')} settled`,
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(placeholders > 0 ? [`${placeholders} not registered`] : []),
  ].join(', ');
}

/** Why it did not end well, or what is not well although it did; and what to type next. */
function remarksOn({ id, completion, error, counts }: Execution): string[] {
  const failures =
    counts.failed > 0
      ? [`${counts.failed} of its records failed: factflow lineage failures --group --execution ${id}`]
      : [];
  if (completion === 'done') return failures;
  const reason = error === null ? '' : ` ${safeText(`${error.class}: ${error.message}`)}`;
  const ended = completion === 'failed' ? 'failed' : 'was cancelled';
  return [`Execution ${id} ${ended}${reason === '' ? '.' : `:${reason}`}`, ...failures];
}

function tooLate(session: Session, execution: Execution): CliError {
  clearProgress(session);
  const waited = duration(session.options.timeout ?? 0);
  return new CliError(EXIT.failed, `Execution ${execution.id} is ${execution.completion} after ${waited}.`, {
    meaning: [stateOf(execution)],
    next: [`factflow lineage list --execution ${execution.id} --completion pending,awaiting_children`],
  });
}

/** That some records have not settled. */
export const unsettledText = (unsettled: number): string =>
  `${counted(unsettled, 'record')} ${unsettled === 1 ? 'has' : 'have'} not settled`;

const stateOf = ({ unsettled, placeholders }: Execution): string =>
  `${unsettledText(unsettled)}, ${placeholders} ${placeholders === 1 ? 'is' : 'are'} mentioned and not registered.`;
