import type { LineageRecord } from '@factflow/client';
import { EXIT } from '../cli-error';
import { printFields, type Field } from '../fields';
import type { Printer } from '../printer';
import { safeJson, safeLines, safeText } from '../safe-text';
import type { Action, Session } from '../session';
import { tookText } from '../time';
import { conflictText, errorText, placeOf } from './show-records';

/** `lineage get`: one record. */
export const getRecord: Action = async (session, id) => {
  await showRecord(session, await readRecord(session, id, session.options.execution));
  return EXIT.fine;
};

export const readRecord = (
  { api }: Session,
  id: string,
  executionId: string | undefined,
): Promise<LineageRecord> =>
  api.ask((client) =>
    client.GET('/api/v1/lineage/{id}', { params: { path: { id }, query: { execution_id: executionId } } }),
  );

/** Prints one record. */
export async function showRecord({ printer, settings }: Session, record: LineageRecord): Promise<void> {
  if (settings.output === 'json') await printer.json(record);
  else if (settings.output === 'jsonl') await printer.jsonLine(record);
  else await printFields(printer, fieldsOf(printer, record));
}

const stalledText = ({ id, execution_id: execution }: LineageRecord): string =>
  `its recorder is gone: factflow lineage cancel ${id} --execution ${execution} --reason TEXT closes it`;

const text = (value: string | null): string | null => value && safeText(value);

/** The key comes first, so that it can be copied. */
const payloadText = (payload: LineageRecord['input_payload']): string | null =>
  payload &&
  [
    payload.key,
    safeText(payload.content_type),
    ...(payload.redacted ? ['redacted'] : []),
    ...(payload.stored ? [] : ['not stored']),
  ].join('  ');

function fieldsOf(printer: Printer, record: LineageRecord): Field[] {
  const { status, completion, error, pending_children: waitsFor } = record;
  const placeholder = record.registered_at === null;
  return [
    ['record', record.id],
    ['execution', record.execution_id],
    ['adapter', placeholder ? 'not registered: other records mention it' : placeOf(record)],
    ['status', printer.outcome(status, status === 'completed' ? '' : status)],
    ['completion', printer.outcome(completion, completion)],
    ['stalled', record.stalled ? printer.yellow(stalledText(record)) : null],
    [
      'waits for',
      waitsFor > 0
        ? `${waitsFor} ${waitsFor === 1 ? 'child that has' : 'children that have'} not settled`
        : null,
    ],
    ['error', error && printer.red(errorText(error))],
    ['traceback', error?.traceback ? safeLines(error.traceback) : null],
    ['cancelled', text(record.cancel_reason)],
    ['parent', record.parent_id],
    ['joined', record.joined_parent_ids],
    ['batch', record.batch_id],
    ['retry of', record.retry_of],
    ['replay of', record.replay_of_record],
    ['registered', record.registered_at && printer.time(record.registered_at)],
    ['started', record.started ? printer.time(record.started_at) : placeholder ? null : 'not yet'],
    ['ended', record.completed_at && printer.time(record.completed_at)],
    ['took', record.completed_at && tookText(record.started_at, record.completed_at)],
    ['input', text(record.input_hash)],
    ['output', text(record.output_hash)],
    ['input bytes', payloadText(record.input_payload)],
    ['output bytes', payloadText(record.output_payload)],
    ['metadata', record.metadata && safeJson(record.metadata, 2).split('\n')],
    [
      'conflicts',
      record.conflicts > 0 ? printer.yellow(`${conflictText(record.conflicts)}: see lineage events`) : null,
    ],
  ];
}
