import { CliError, EXIT } from '../cli-error';
import { askCommand, refusalOf, type CommandRequest } from '../command-api';
import { clearProgress } from '../progress';
import type { Session } from '../session';

/** How long an overloaded command app is waited for before a request is given up. */
const PATIENCE_MS = 2 * 60_000;
/** Between attempts, where the answer does not say, and at most. */
const WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;
const BUSY = 503;
const NEVER = new AbortController().signal;

/**
 * Asks the command app, again as long as it is too busy. @returns any answer but that of an overloaded one
 * @throws CliError when there is none
 */
export async function askPatiently(session: Session, request: CommandRequest): Promise<Response> {
  const { context, printer } = session;
  const deadline = context.now() + PATIENCE_MS;
  for (;;) {
    const response = await askCommand(session, request);
    if (response.status !== BUSY) return response;
    const waitMs = waitOf(response.headers.get('retry-after'), context.now());
    const leftMs = deadline - context.now();
    const reason = await refusalOf(session, response);
    if (leftMs < waitMs)
      throw new CliError(EXIT.unreachable, `The command app was too busy for ${PATIENCE_MS / 1000} s.`, {
        meaning: [reason.message, ...(reason.more.meaning ?? [])],
      });
    clearProgress(session);
    printer.remark(
      `The command app cannot take more now: trying again in ${waitMs / 1000} s, for ${Math.round(leftMs / 1000)} s at most.`,
    );
    await context.pause(waitMs, NEVER);
  }
}

/** Seconds or a date (RFC 9110). */
function waitOf(header: string | null, now: number): number {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return ms > 0 ? Math.min(ms, MAX_WAIT_MS) : WAIT_MS;
}
