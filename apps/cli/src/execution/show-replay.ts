import { printFields } from '../fields';
import { safeText } from '../safe-text';
import type { Session } from '../session';
import { tookText } from '../time';
import type { Replay } from './replay-answers';

/** Prints a replay and how far it is. */
export async function showReplay({ printer, settings }: Session, replay: Replay): Promise<void> {
  if (settings.output === 'json') return printer.json(replay);
  if (settings.output === 'jsonl') return printer.jsonLine(replay);
  const { state, total, created_at: created, ended_at: ended } = replay;
  const outcome = state === 'completed' ? '' : state === 'cancelled' ? 'cancelled' : 'running';
  await printFields(printer, [
    ['replay', printer.bold(replay.execution_id)],
    ['of execution', replay.replay_of],
    ['from stage', safeText(replay.from_stage)],
    ['route', replay.route_id && safeText(replay.route_id)],
    ['only', replay.only_failed ? 'what failed' : null],
    ['reason', replay.reason && safeText(replay.reason)],
    ['state', printer.outcome(state, outcome)],
    ['messages', `${total}: ${countsText(replay)}`],
    ['started', printer.time(created)],
    ['took', ended && tookText(created, ended)],
  ]);
}

const WORDS = {
  completed: 'completed',
  failed: 'failed',
  dead: 'given up',
  cancelled: 'cancelled',
  leased: 'at work',
  waiting: 'waiting',
} as const satisfies Partial<Record<keyof Replay, string>>;

/** How many messages are how far. */
export const countsText = (replay: Replay): string =>
  Object.entries(WORDS)
    .map(([name, word]) => [replay[name as keyof typeof WORDS], word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
