import type { Statement } from '@factflow/store';
import type { Reader } from '../../database/database';
import type { Messages } from './messages';

/** Replays of replays of replays are followed so far, round a circle as well. */
const STEPS = 32;
const BLOCK = 5000;

// Served by lineage_record_id.
const REPLAYED: Statement = {
  name: 'replayed records',
  sql: `
  SELECT named.id, r.replay_of_record AS origin FROM unnest($1::uuid[]) WITH ORDINALITY named(id, place)
  CROSS JOIN LATERAL (
    SELECT * FROM lineage_record r WHERE r.id BETWEEN named.id AND named.id ORDER BY r.id, r.execution_id OFFSET 0) r
  WHERE r.replay_of_record IS NOT NULL`,
};

/**
 * What records that are named as replayed go back to, where that is not plain from the two executions themselves: ids as
 * hexadecimal digits, each with that of the record at the end of its chain.
 */
export async function readOrigins(reader: Reader, a: Messages, b: Messages): Promise<Map<string, string>> {
  const asked = new Set([...namedIds(a, b), ...namedIds(b, a, a.table.replays.size === 0)]);
  const origins = new Map([...asked].map((id): [string, string] => [id, id]));
  let open = [...asked];
  for (let step = 0; step < STEPS && open.length > 0; step += 1) {
    const next = await readNext(reader, [...new Set(open.map((id) => origins.get(id) ?? id))]);
    open = open.filter((id) => {
      const origin = next.get(origins.get(id) ?? id);
      if (origin !== undefined) origins.set(id, origin);
      return origin !== undefined;
    });
  }
  return origins;
}

/** @param unknownOnly leaves out what the other execution has: it is paired as it is */
function namedIds(of: Messages, other: Messages, unknownOnly = false): string[] {
  const ids: string[] = [];
  of.table.replays.each(other.table.ids, (_from, record, bytes, offset) => {
    if (!unknownOnly || record < 0) ids.push(bytes.toString('hex', offset, offset + 16));
  });
  return ids;
}

async function readNext(reader: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  const next = new Map<string, string>();
  for (let start = 0; start < ids.length; start += BLOCK) {
    const block = ids.slice(start, start + BLOCK);
    for (const { id, origin } of await reader.rows<{ id: string; origin: string }>(REPLAYED, [block])) {
      const key = id.replaceAll('-', '');
      if (!next.has(key)) next.set(key, origin.replaceAll('-', ''));
    }
  }
  return next;
}
