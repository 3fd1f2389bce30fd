import { recorderStateOf, type Recorder } from '@factflow/domain';
import { recorderFromRow, type Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { COVERAGE, RECORDERS, type CoverageRow } from '../executions/completeness';
import { COLUMNS, type RecorderRow } from '../recorders/recorder';

/** Recorders of services that say that payloads wait; more are not looked at. */
const MOST_HOLDERS = 1000;

// Served by lineage_recorder_service, the last ones first: whoever runs has been started last.
const HOLDERS: Statement = {
  name: 'verify_payload_holders',
  sql: `
  SELECT ${COLUMNS} FROM lineage_recorder o WHERE o.service = ANY($1::text[]) AND o.payloads > 0
  ORDER BY o.service DESC, o.recorder_id DESC LIMIT ${MOST_HOLDERS}`,
};

/** Who may have the bytes that records of an execution name, and that were never stored. */
export interface PayloadHolders {
  /** somebody who runs: they are on their way */
  readonly isAwaited: boolean;
  /** those who ended with payloads in their spools */
  readonly left: readonly Recorder[];
}

/**
 * The recorders that were seen in an execution, and those of the same services that say that payloads wait: who starts
 * again adopts what the process before it left.
 */
export async function payloadHolders(reader: Reader, executionId: string): Promise<PayloadHolders> {
  const coverage = await reader.rows<CoverageRow>(COVERAGE, [[executionId]]);
  const seen = await reader.rows<RecorderRow>(RECORDERS, [coverage.map((row) => row.recorder_id)]);
  const services = new Set(seen.flatMap(({ service }) => service ?? []));
  const others = services.size === 0 ? [] : await reader.rows<RecorderRow>(HOLDERS, [[...services]]);
  const runs = (row: RecorderRow): boolean =>
    ['alive', 'stuck'].includes(recorderStateOf(recorderFromRow(row), row.now.getTime()));
  return {
    isAwaited: [...seen, ...others].some(runs),
    left: others.filter((row) => !runs(row)).map(recorderFromRow),
  };
}

/** What to say of spools that have, or had, payloads; the last process first. */
export function leftText([last, ...more]: readonly Recorder[]): string {
  if (!last) return '';
  const also = more.length > 0 ? `, and so did those of ${more.length} more` : '';
  return (
    `The spool of ${last.service ?? 'the service'} on ${last.host ?? 'its host'} held ${last.payloads ?? 0} payloads when ` +
    `its process, ${last.pid ?? 'unknown'}, was last heard of${also}: starting the service there again brings them, and so ` +
    'does an import of the spool.'
  );
}
