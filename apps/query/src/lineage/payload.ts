import type { WirePayload } from '@factflow/domain';
import type { Statement } from '@factflow/store';
import { ApiProperty } from '@nestjs/swagger';
import type { Reader } from '../database/database';
import { Flag, Text } from '../http/response-fields';
import type { RecordRow } from './lineage-record';

/** The bytes a record names. */
export class Payload {
  @ApiProperty({
    type: String,
    pattern: '^sha256:[0-9a-f]{64}$',
    description: 'The digest of the bytes: `GET /api/v1/storage/{key}` answers them',
  })
  readonly key!: string;

  @Flag(
    'Whether something was taken out of the message before it left the service: then it is never replayed',
  )
  readonly redacted!: boolean;

  @Text({ description: 'As the service says' })
  readonly content_type!: string;

  @Flag('Whether the bytes have arrived in the payload store and have not been removed')
  readonly stored!: boolean;
}

/** A payload as a row holds it. */
export type PayloadColumn = Required<WirePayload> & {
  readonly redacted: boolean;
  readonly content_type: string;
};

// Served by the primary key, whatever the planner believes of the table.
const STORED_OF = (key: string): string =>
  `(SELECT true FROM (SELECT p.key FROM lineage_payload p WHERE p.key BETWEEN ${key} AND ${key} ORDER BY p.key OFFSET 0) p)`;

/** SQL of a payload of a record with `stored`; null where it names none, and nothing is looked up then. */
export const payloadOf = (column: string): string =>
  `CASE WHEN ${column} IS NOT NULL THEN
    ${column} || jsonb_build_object('stored', ${STORED_OF(`(${column} ->> 'key')`)} IS TRUE) END`;

const STORED_OF_PAGE: Statement = {
  name: 'stored of page',
  sql: `SELECT k.key FROM unnest($1::text[]) k(key) WHERE ${STORED_OF('k.key')}`,
};

/** Which of the payloads that rows name are stored: one statement for all, none where they name none. */
export async function storedOf(
  reader: Reader,
  rows: readonly Pick<RecordRow, 'input_payload' | 'output_payload'>[],
): Promise<ReadonlySet<string>> {
  const named = rows.flatMap(({ input_payload: input, output_payload: output }) => [
    ...(input ? [input.key] : []),
    ...(output ? [output.key] : []),
  ]);
  if (named.length === 0) return NONE;
  const stored = await reader.rows<{ key: string }>(STORED_OF_PAGE, [[...new Set(named)]]);
  return new Set(stored.map(({ key }) => key));
}
const NONE: ReadonlySet<string> = new Set();

/** The fields in the order in which they are shown. */
export const shownPayload = ({ key, redacted, content_type }: PayloadColumn, stored: boolean): Payload => ({
  key,
  redacted,
  content_type,
  stored,
});
