import type { Heartbeat } from '@factflow/domain';
import type { VerifyFinding, VerifyLine, VerifySummary } from '../verify/finding';
import type { QueryApp } from './query-app';

/** What a verification says. */
export interface Verified {
  readonly findings: readonly VerifyFinding[];
  readonly summary: VerifySummary;
}

/** Verifies one execution, or all; the answer is checked against the OpenAPI document. */
export async function verify(app: QueryApp, executionId?: string, limit?: number): Promise<Verified> {
  const query = new URLSearchParams({
    ...(executionId !== undefined && { execution_id: executionId }),
    ...(limit !== undefined && { limit: String(limit) }),
  });
  const { status, body, text } = await app.get<VerifyLine[]>(`/api/v1/lineage/verify?${query.toString()}`);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  const summary = body.at(-1);
  if (summary?.type !== 'summary') throw new Error(`no summary: ${text}`);
  return { findings: body.filter((line) => line.type === 'finding'), summary };
}

/** What a recorder says that has ended and recorded nothing. */
export const heartbeat = (fields: Partial<Heartbeat> = {}): Heartbeat => ({
  service: 'documents',
  host: 'here',
  pid: 7,
  startedAt: 1,
  highestSequence: 0,
  queued: 0,
  spooled: 0,
  lost: [],
  mainThreadAgeMs: 0,
  closed: true,
  ...fields,
});
