import { CliError, EXIT, type ExitCode } from '../cli-error';
import { clearProgress, showProgress } from '../progress';
import { safeText } from '../safe-text';
import type { Session } from '../session';
import { duration } from '../time';
import { showDiff } from './diff';
import { readExecution } from './get';
import type { Replay } from './replay-answers';
import { ReplayReader } from './replay-reader';
import { countsText, showReplay } from './show-replay';
import { unsettledText } from './wait';

const EVERY_MS = 500;
/** When nobody has taken anything by then, there may be nobody. */
const NOBODY_AFTER_MS = 5000;
/** The longest that is waited for what came of the messages. */
const SETTLE_MS = 60_000;
const BAR_CELLS = 24;

/** Waits for the end of a replay, telling how far it is on stderr; Ctrl-C leaves it running. */
export async function waitForReplay(session: Session, first: Replay): Promise<ExitCode> {
  const { context, options } = session;
  const interrupted = context.interruption();
  const started = context.now();
  const reader = new ReplayReader(session, first.execution_id);
  let replay = first;
  let told = false;
  while (!isOver(replay)) {
    showProgress(session, progressText(replay));
    const waited = context.now() - started;
    if (!told && waited >= NOBODY_AFTER_MS && isUntouched(replay)) {
      told = true;
      sayNobody(session, replay);
    }
    if (waited >= (options.timeout ?? Infinity)) throw tooLate(session, replay, waited);
    await context.pause(EVERY_MS, interrupted);
    if (interrupted.aborted) return leave(session, replay);
    replay = (await reader.read()) ?? replay;
  }
  await settled(session, replay);
  clearProgress(session);
  return showOutcome(session, replay);
}

/** The end of the replay, then what became of its messages; on a pipe that alone. */
async function showOutcome(session: Session, replay: Replay): Promise<ExitCode> {
  if (session.settings.output === 'table') {
    await showReplay(session, replay);
    await session.printer.line('');
  }
  const exitCode = await showDiff(session, replay.replay_of, replay.execution_id);
  return replay.state === 'completed' ? exitCode : EXIT.failed;
}

/** What came of the messages may be at work still. Where that does not end, there is a diff of what there is. */
async function settled(session: Session, { execution_id: id }: Replay): Promise<void> {
  const { context, options } = session;
  const until = context.now() + (options.timeout ?? SETTLE_MS);
  while (context.now() < until) {
    const { completion, unsettled } = await readExecution(session, id);
    if (completion === 'done' || completion === 'failed') return;
    if (completion === 'cancelled' && unsettled === 0) return;
    showProgress(session, `replayed; ${unsettledText(unsettled)}`);
    await context.pause(EVERY_MS, NEVER);
  }
}

const NEVER = new AbortController().signal;

/** Whether nothing more is to come of it. */
export const isOver = ({ state }: Replay): boolean => state === 'completed' || state === 'cancelled';
const isUntouched = ({ waiting, total }: Replay): boolean => waiting === total;

function progressText(replay: Replay): string {
  const { total, waiting, leased, state } = replay;
  const over = total - waiting - leased;
  const cells = Math.floor((BAR_CELLS * over) / total);
  const percent = Math.floor((100 * over) / total);
  const bar = `${'█'.repeat(cells)}${'░'.repeat(BAR_CELLS - cells)}`;
  return `${bar} ${percent} % of ${total}: ${countsText(replay)}${state === 'cancelling' ? ' (cancelling)' : ''}`;
}

function sayNobody(session: Session, { from_stage: stage, route_id: route }: Replay): void {
  clearProgress(session);
  const names = route === null ? '' : `route: '${safeText(route)}', `;
  session.printer.remark(
    `No service has taken any of it for ${NOBODY_AFTER_MS / 1000} s. One that runs, and has a method marked\n` +
      `@ReplayHandler({ ${names}adapter: '${safeText(stage)}' }), takes it as soon as it is there.`,
  );
}

const commandsFor = (id: string): string[] => [
  `factflow execution replay ${id} --wait`,
  `factflow execution replay ${id} --cancel`,
];

function leave(session: Session, replay: Replay): ExitCode {
  clearProgress(session);
  const lines = commandsFor(replay.execution_id).map((command) => `  ${command}`);
  session.printer.remark(
    `The replay goes on without you (${countsText(replay)}). To wait for it again, or to cancel it:\n\n${lines.join('\n')}`,
  );
  return EXIT.failed;
}

function tooLate(session: Session, replay: Replay, waited: number): CliError {
  clearProgress(session);
  const message = `Replay ${replay.execution_id} is ${replay.state} after ${duration(waited)}; it goes on.`;
  return new CliError(EXIT.failed, message, {
    meaning: [`${countsText(replay)}.`],
    next: commandsFor(replay.execution_id),
  });
}
