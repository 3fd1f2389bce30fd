import type { LineageRecord } from '@factflow/client';
import { formatTime, newId } from '@factflow/domain';
import { CliError, EXIT } from '../cli-error';
import { commandJson } from '../command-api';
import { sendHeartbeat } from '../send-heartbeat';
import type { Action, Session } from '../session';
import { readRecord, showRecord } from './get';

/** As the command app answers. */
interface AppendReport {
  readonly rejected: readonly { readonly message: string }[];
}

/**
 * `lineage cancel`: closes a pending record on the operator's word, with an event like that of any service. The command is
 * a recorder of this one event and says so: what is known of the execution stays as complete as it was.
 */
export const cancelRecord: Action = async (session, id) => {
  const record = await readRecord(session, id, session.options.execution);
  refuseUnlessPending(record);
  const recorderId = newId();
  await sendEvent(session, record, recorderId);
  await closeRecorder(session, recorderId);
  const after = await readRecord(session, id, record.execution_id);
  if (after.status !== 'cancelled')
    throw new CliError(EXIT.failed, `Record ${id} had ended in the meantime: it is ${after.status}.`, {
      meaning: ['The event stays with it as a conflict.'],
      next: [`factflow lineage events ${id} --execution ${after.execution_id}`],
    });
  await showRecord(session, after);
  return EXIT.fine;
};

function refuseUnlessPending({ id, execution_id: execution, status, completed_at: at }: LineageRecord): void {
  if (status === 'pending') return;
  const next = [`factflow lineage get ${id} --execution ${execution}`];
  if (status === 'unknown')
    throw new CliError(EXIT.failed, `Record ${id} is not registered: other records mention it.`, {
      meaning: ['There is nothing to cancel before its registration has come.'],
      next,
    });
  throw new CliError(EXIT.failed, `Record ${id} has ended already: it is ${status} since ${at}.`, { next });
}

async function sendEvent(session: Session, record: LineageRecord, recorderId: string): Promise<void> {
  const { context, options } = session;
  const event = {
    event_id: newId(),
    type: 'record.cancelled',
    execution_id: record.execution_id,
    record_id: record.id,
    occurred_at: formatTime(context.now()),
    source: { recorder_id: recorderId, sequence: 1 },
    data: { reason: options.reason, metadata: { cancelled_by: 'operator' } },
  };
  const { rejected } = await commandJson<AppendReport>(session, {
    method: 'POST',
    path: 'events',
    body: [event],
  });
  const [rejection] = rejected;
  if (rejection)
    throw new CliError(EXIT.failed, `The command app did not take the event: ${rejection.message}.`);
}

/** Says that nothing more is to come. Where that fails the record is cancelled all the same. */
async function closeRecorder(session: Session, recorderId: string): Promise<void> {
  const { context, printer } = session;
  await sendHeartbeat(session, {
    recorderId,
    service: 'factflow',
    host: context.host,
    pid: context.pid,
    startedAt: formatTime(context.now()),
    highestSequence: 1,
    lost: [],
    seenAgoMs: null,
    closed: true,
  }).catch((error: unknown) => {
    printer.remark(`The completeness of the execution stays open: ${(error as Error).message}`);
  });
}
