import type { Execution } from '@factflow/client';
import { CliError, EXIT, type ExitCode } from '../cli-error';
import { clearProgress, showProgress } from '../progress';
import type { Action, Session } from '../session';
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
    showProgress(session, `${execution.completion} for ${waited}: ${stateOf(execution)}`);
    if (left() <= 0) throw tooLate(session, execution);
    await context.pause(Math.min(EVERY_MS, left()), NEVER);
    execution = await readExecution(session, id);
  }
  clearProgress(session);
  await showExecution(session, execution);
  return exitCodeOf(execution);
};

const NEVER = new AbortController().signal;

const hasEnded = ({ completion }: Execution): boolean =>
  completion === 'done' || completion === 'failed' || completion === 'cancelled';

const exitCodeOf = ({ status, completion }: Execution): ExitCode =>
  status === 'completed' && completion === 'done' ? EXIT.fine : EXIT.failed;

function tooLate(session: Session, execution: Execution): CliError {
  clearProgress(session);
  const waited = duration(session.options.timeout ?? 0);
  return new CliError(EXIT.failed, `Execution ${execution.id} is ${execution.completion} after ${waited}.`, {
    meaning: [stateOf(execution)],
    next: [`factflow lineage list --execution ${execution.id} --completion pending,awaiting_children`],
  });
}

const stateOf = ({ unsettled, placeholders }: Execution): string =>
  `${unsettled} records have not settled, ${placeholders} are mentioned and not registered.`;
