import { counted } from '@factflow/domain';
import { CliError, EXIT, usageError, type ExitCode } from '../cli-error';
import { askCommand, commandJson, refusalOf } from '../command-api';
import { printFields } from '../fields';
import { commandApp } from '../peer';
import { safeText } from '../safe-text';
import type { Action, Session } from '../session';
import { isPlan, type Asked, type Replay, type ReplayPlan } from './replay-answers';
import { showReplay } from './show-replay';
import { isOver, waitForReplay } from './wait-for-replay';

/** All inputs are read before there is an answer. */
const CHECK_TIMEOUT_MS = 600_000;
/** Records that are named when their inputs cannot be had. */
const NAMED = 10;

/** `execution replay`: starts a replay, waits for one, or cancels it. */
export const replayExecution: Action = async (session, id) => {
  const { fromStage, wait, cancel } = session.options;
  if (cancel) return cancelReplay(session, id);
  if (fromStage !== undefined) return startReplay(session, id, fromStage);
  if (wait) return waitForReplay(session, await readReplay(session, id));
  throw usageError(
    'Which stage?',
    '--from-stage names the adapter that messages are put through once more.',
    'With --wait or --cancel alone, the id is that of a replay which has been started.',
  );
};

const readReplay = (session: Session, id: string): Promise<Replay> =>
  commandJson<Replay>(session, { method: 'GET', path: `executions/${id}/replay` });

async function cancelReplay(session: Session, id: string): Promise<ExitCode> {
  const clash = (['fromStage', 'wait', 'dryRun'] as const).filter((name) => session.options[name]);
  if (clash.length > 0) throw usageError('--cancel stands alone: it cancels the replay that has the id.');
  const replay = await commandJson<Replay>(session, {
    method: 'DELETE',
    path: `executions/${id}/replay`,
  });
  await showReplay(session, replay);
  return EXIT.fine;
}

async function startReplay(session: Session, id: string, fromStage: string): Promise<ExitCode> {
  const { options } = session;
  const { answer, isNew } = await ask(session, id, {
    from_stage: fromStage,
    ...(options.route !== undefined && { route_id: options.route }),
    ...(options.onlyFailed && { only_failed: true }),
    ...(options.dryRun && { dry_run: true }),
    ...(options.reason !== undefined && { reason: options.reason }),
    ...(options.idempotencyKey !== undefined && { idempotency_key: options.idempotencyKey }),
  });
  if (isPlan(answer)) return showPlan(session, answer);
  if (options.wait) return waitForReplay(session, answer);
  await showReplay(session, answer);
  session.printer.remark(
    `${howItIs(answer, isNew)}\n\n  factflow execution replay ${answer.execution_id} --wait`,
  );
  return EXIT.fine;
}

function howItIs(replay: Replay, isNew: boolean): string {
  const { state, from_stage: stage } = replay;
  const before = isNew
    ? ''
    : `It was asked for before, under this key, and is ${state}: nothing was started. `;
  if (isOver(replay)) return `${before}What became of its messages shows:`;
  // Whether one runs, nobody has said.
  const now =
    state === 'cancelling'
      ? ''
      : `A service with a handler for ${safeText(stage)} takes it as soon as one runs. `;
  return `${before}${now}To see how far it is, and how it ends:`;
}

interface Answer {
  readonly answer: Replay | ReplayPlan;
  /** false: it was asked for before, under the same key */
  readonly isNew: boolean;
}

async function ask(session: Session, id: string, body: object): Promise<Answer> {
  const { settings, options } = session;
  const patient = { ...session, settings: { ...settings, timeoutMs: options.timeout ?? CHECK_TIMEOUT_MS } };
  const response = await askCommand(patient, { method: 'POST', path: `executions/${id}/replay`, body });
  if (response.ok) {
    const answer = (await response.json()) as Replay | ReplayPlan;
    return { answer, isNew: response.status === 202 };
  }
  const problem = (await response
    .clone()
    .json()
    .catch(() => ({}))) as Problem;
  throw problem.code === 'inputs_not_replayable'
    ? unplayable(id, problem)
    : await refusalOf(session, response);
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** The request was right; what it needs is not there. */
function unplayable(id: string, { detail = 'Inputs cannot be had.', errors = [] }: Problem): CliError {
  const named = errors
    .slice(0, NAMED)
    .map(({ field, message }) => `${field.replace('records.', 'record ')}: ${message}`);
  const more = errors.length > NAMED ? [`and ${errors.length - NAMED} more that the command app named`] : [];
  const record = errors[0]?.field.replace('records.', '');
  return new CliError(EXIT.failed, detail, {
    meaning: [
      'A message is replayed with the bytes that went in, or not at all. Nothing has happened.',
      ...named,
      ...more,
    ],
    ...(record !== undefined && { next: [`factflow lineage get ${record} --execution ${id}`] }),
  });
}

async function showPlan(session: Session, plan: ReplayPlan): Promise<ExitCode> {
  const { printer, settings } = session;
  if (settings.output === 'json') await printer.json(plan);
  else if (settings.output === 'jsonl') await printer.jsonLine(plan);
  else
    await printFields(printer, [
      ['would replay', printer.bold(counted(plan.records, 'message'))],
      ...askedFields(plan),
      ['routes', plan.routes.map(({ route_id: route, records }) => `${safeText(route)}: ${records}`)],
      ['left out', plan.pending > 0 ? `${plan.pending} pending: nobody has ended their record` : null],
    ]);
  printer.remark(`Every input is there, as it was. Nothing has happened (${commandApp(settings).url}).`);
  return EXIT.fine;
}

const askedFields = ({ replay_of: of, from_stage: stage, only_failed: failed }: Asked) =>
  [
    ['of execution', of],
    ['from stage', safeText(stage)],
    ['only', failed ? 'what failed' : null],
  ] as const;
