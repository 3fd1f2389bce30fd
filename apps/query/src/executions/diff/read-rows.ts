import type { ErrorInfo } from '@factflow/domain';
import type { Reader } from '../../database/database';
import { recordsOf } from '../../lineage/chain';
import type { ComparedRow } from './comparison';
import type { Compared } from './compare';
import { PAIRED_BY, type DiffAttempt, type DiffRow } from './diff';
import type { Messages } from './messages';

const MESSAGE_CHARACTERS = 1000;

// Served as recordsOf says.
const ATTEMPTS = recordsOf(
  'compared records',
  `page.place::int AS place, r.status, r.completion, r.route_id, r.adapter_name, r.input_hash, r.output_hash, r.cancel_reason,
   r.error ->> 'class' AS class, left(r.error ->> 'message', ${MESSAGE_CHARACTERS}) AS message,
   greatest(0, (date_part('epoch', r.completed_at - r.started_at) * 1000)::bigint) AS duration_ms`,
);

interface AttemptRow extends Omit<DiffAttempt, 'id' | 'attempts' | 'error' | 'duration_ms'> {
  /** from 1 */
  readonly place: number;
  readonly route_id: string;
  readonly adapter_name: string;
  readonly class: string | null;
  readonly message: string | null;
  readonly duration_ms: string | null;
}

/** Rows with what is known of their messages; two statements, however many there are. */
export async function readRows(
  reader: Reader,
  { a, b, places, comparison }: Compared,
  rows: readonly ComparedRow[],
): Promise<DiffRow[]> {
  const { pairing } = comparison;
  const ofA = await readAttempts(
    reader,
    a.id,
    pairing.a,
    rows.map((row) => row.a),
  );
  const ofB = await readAttempts(
    reader,
    b.id,
    pairing.b,
    rows.map((row) => row.b),
  );
  return rows.map((row, n) => {
    const [of, message] = row.a >= 0 ? [pairing.a, row.a] : [pairing.b, row.b];
    return {
      class: row.found,
      slower: row.slower,
      ...places.nameOf(of.table.place[of.last[message] ?? 0] ?? 0),
      paired_by: PAIRED_BY[row.via - 1] ?? null,
      a: ofA[n] ?? null,
      b: ofB[n] ?? null,
    };
  });
}

/** @param messages -1 where there is none */
async function readAttempts(
  reader: Reader,
  executionId: string,
  of: Messages,
  messages: readonly number[],
): Promise<(DiffAttempt | undefined)[]> {
  const attempts: (DiffAttempt | undefined)[] = messages.map(() => undefined);
  const asked = messages.flatMap((message, n) => (message >= 0 ? [{ message, n }] : []));
  if (asked.length === 0) return attempts;
  const ids = asked.map(({ message }) => of.table.ids.id(of.last[message] ?? 0));
  for (const { place, ...row } of await reader.rows<AttemptRow>(ATTEMPTS, [executionId, ids])) {
    const { message, n } = asked[place - 1] ?? { message: -1, n: -1 };
    attempts[n] = attemptOf(ids[place - 1] ?? '', of.attempts[message] ?? 1, row);
  }
  return attempts;
}

const attemptOf = (id: string, attempts: number, row: Omit<AttemptRow, 'place'>): DiffAttempt => ({
  id,
  attempts,
  status: row.completion === 'unknown' ? 'unknown' : row.status,
  completion: row.completion,
  input_hash: row.input_hash,
  output_hash: row.output_hash,
  error: row.class === null ? null : ({ class: row.class, message: row.message ?? '' } satisfies ErrorInfo),
  cancel_reason: row.cancel_reason,
  duration_ms: row.duration_ms === null ? null : Number(row.duration_ms),
});
