import { createHash } from 'node:crypto';
import type { Statement } from '@factflow/store';
import type { Reader } from '../../database/database';
import { FROM_START } from '../../database/from-start';
import { MESSAGE_CHARACTERS, normaliseMessage } from '../../lineage/normalise-message';
import { stalledOf } from '../../lineage/stalled';
import { OUTCOME, RecordTable, type Places } from './record-table';

/** Records read with one statement: none of them takes long, and no more of them are in memory as they travel. */
const BLOCK = 5000;

// Where the parts of an entry of fixed length stand.
const AT = { registeredAt: 16, durationMs: 24, outcome: 32, flags: 36, input: 40, output: 48 } as const;
const HEAD_BYTES = 56;
const ID_BYTES = 16;
const FLAG = { retry: 1, replay: 2 } as const;

const digest = (column: string): string => `
  CASE WHEN ${column} IS NULL THEN '\\x0000000000000000'::bytea
    ELSE substr(sha256(convert_to(${column}, 'UTF8')), 1, 8) END`;
const sized = (bytes: string): string => `int4send(octet_length(${bytes})) || ${bytes}`;

// Served by the primary key. A row is a block of entries, each as AT has it, with ids and texts of any length behind.
const RECORDS: Statement = {
  name: 'records to compare',
  sql: `
  SELECT encode(string_agg(entry, ''::bytea ORDER BY id), 'base64') AS entries, count(*)::int AS read
  FROM (
    SELECT r.id, CASE WHEN r.registered_at IS NULL THEN ''::bytea ELSE
      uuid_send(r.id) || int8send((date_part('epoch', r.registered_at) * 1000)::bigint)
      || int8send(coalesce(greatest(0, (date_part('epoch', r.completed_at - r.started_at) * 1000)::bigint), -1))
      || int4send(CASE r.completion WHEN 'done' THEN ${OUTCOME.done} WHEN 'failed' THEN ${OUTCOME.failed}
          WHEN 'cancelled' THEN ${OUTCOME.cancelled}
          ELSE CASE WHEN ${stalledOf('$1::uuid')} THEN ${OUTCOME.stalled} ELSE ${OUTCOME.open} END END)
      || int4send((r.retry_of IS NOT NULL)::int * ${FLAG.retry} + (r.replay_of_record IS NOT NULL)::int * ${FLAG.replay})
      || ${digest('r.input_hash')} || ${digest('r.output_hash')}
      || coalesce(uuid_send(r.retry_of), ''::bytea) || coalesce(uuid_send(r.replay_of_record), ''::bytea)
      || ${sized('p.parents')} || ${sized('p.place')} || ${sized('p.error')} END AS entry
    FROM (SELECT * FROM lineage_record r WHERE r.execution_id = $1::uuid AND r.id > $2::uuid ORDER BY r.id LIMIT ${BLOCK}) r
    CROSS JOIN LATERAL (SELECT
      coalesce(uuid_send(r.parent_id), ''::bytea) || CASE WHEN r.joined_parent_ids IS NULL THEN ''::bytea
        ELSE (SELECT coalesce(string_agg(uuid_send(j), ''::bytea), ''::bytea) FROM unnest(r.joined_parent_ids) j) END AS parents,
      convert_to(coalesce(r.route_id, ''), 'UTF8') || '\\x00'::bytea || convert_to(coalesce(r.adapter_name, ''), 'UTF8') AS place,
      CASE r.status WHEN 'failed'
        THEN convert_to(coalesce(r.error ->> 'class', ''), 'UTF8') || '\\x00'::bytea
          || convert_to(left(coalesce(r.error ->> 'message', ''), ${MESSAGE_CHARACTERS}), 'UTF8')
        WHEN 'cancelled' THEN '\\x00'::bytea || convert_to(left(coalesce(r.cancel_reason, ''), ${MESSAGE_CHARACTERS}), 'UTF8')
        ELSE ''::bytea END AS error) p
  ) each_record`,
};
// The last id of a block, placeholders included.
const LAST: Statement = {
  name: 'last record to compare',
  sql: `
  SELECT r.id FROM lineage_record r WHERE r.execution_id = $1::uuid AND r.id > $2::uuid
  ORDER BY r.id OFFSET ${BLOCK - 1} LIMIT 1`,
};

interface BlockRow {
  readonly entries: string | null;
  readonly read: number;
}

/** Reads the registered records of an execution. @param capacity how many there are */
export async function readTable(
  reader: Reader,
  executionId: string,
  capacity: number,
  places: Places,
): Promise<RecordTable> {
  const table = new RecordTable(capacity);
  let behind: string = FROM_START[1];
  for (;;) {
    const [block] = await reader.rows<BlockRow>(RECORDS, [executionId, behind]);
    if (block?.entries) addEntries(table, Buffer.from(block.entries, 'base64'), places);
    if (!block || block.read < BLOCK) return table;
    const [last] = await reader.rows<{ id: string }>(LAST, [executionId, behind]);
    if (!last) return table;
    behind = last.id;
  }
}

/** Adds a block of entries. */
function addEntries(table: RecordTable, bytes: Buffer, places: Places): void {
  const sizedPart = (at: number): readonly [start: number, end: number] => {
    const start = at + 4;
    return [start, start + bytes.readInt32BE(at)];
  };
  for (let at = 0; at < bytes.length;) {
    const number = table.ids.size;
    table.ids.add(bytes, at);
    table.registeredAt[number] = Number(bytes.readBigInt64BE(at + AT.registeredAt));
    table.durationMs[number] = Number(bytes.readBigInt64BE(at + AT.durationMs));
    table.outcome[number] = bytes.readInt32BE(at + AT.outcome);
    table.inputs.set(number, bytes, at + AT.input);
    table.outputs.set(number, bytes, at + AT.output);
    const flags = bytes.readInt32BE(at + AT.flags);
    at += HEAD_BYTES;
    for (const [flag, links] of [
      [FLAG.retry, table.retries],
      [FLAG.replay, table.replays],
    ] as const) {
      if ((flags & flag) === 0) continue;
      links.add(number, bytes, at);
      at += ID_BYTES;
    }
    const [parents, parentsEnd] = sizedPart(at);
    for (let offset = parents; offset < parentsEnd; offset += ID_BYTES)
      table.parents.add(number, bytes, offset);
    const [place, placeEnd] = sizedPart(parentsEnd);
    table.place[number] = places.numberOf(bytes.toString('utf8', place, placeEnd));
    const [error, errorEnd] = sizedPart(placeEnd);
    if (errorEnd > error) table.errors.set(number, errorDigest(bytes.toString('utf8', error, errorEnd)), 0);
    at = errorEnd;
  }
}

/** What two failures have in common that are the same: class and normalised message. */
function errorDigest(text: string): Buffer {
  const [errorClass = '', message = ''] = text.split('\0');
  return createHash('sha256')
    .update(`${errorClass}\0${normaliseMessage(message)}`)
    .digest();
}
