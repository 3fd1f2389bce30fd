import { commandJson, type CommandRequest } from '../command-api';
import { EXIT, type ExitCode } from '../cli-error';
import { printFields } from '../fields';
import { safeText } from '../safe-text';
import type { Action, Session } from '../session';

/** `execution pin`: an execution is kept from then on, however old it is. */
export const pinExecution: Action = (session, id) => {
  const { reason } = session.options;
  return changePin(session, id, { method: 'PUT', ...(reason !== undefined && { body: { reason } }) });
};

/** `execution unpin`: it goes when its time has come. */
export const unpinExecution: Action = (session, id) => changePin(session, id, { method: 'DELETE' });

/** As the command app answers. */
interface PinState {
  readonly execution_id: string;
  readonly pinned: boolean;
  readonly pinned_at: string | null;
  readonly reason: string | null;
}

async function changePin(
  session: Session,
  id: string,
  change: Pick<CommandRequest, 'method' | 'body'>,
): Promise<ExitCode> {
  const { printer, settings } = session;
  const pin = await commandJson<PinState>(session, { ...change, path: `executions/${id}/pin` });
  if (settings.output === 'json') await printer.json(pin);
  else if (settings.output === 'jsonl') await printer.jsonLine(pin);
  else {
    await printFields(printer, [
      ['execution', id],
      ['pinned', pin.pinned ? 'yes' : 'no'],
      ['since', pin.pinned_at && printer.time(pin.pinned_at)],
      ['reason', pin.reason && safeText(pin.reason)],
    ]);
  }
  return EXIT.fine;
}
