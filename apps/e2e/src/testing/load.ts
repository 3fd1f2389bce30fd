import type { LineageEvent } from '@factflow/domain';
import {
  anId,
  completed,
  executionEnded,
  executionStarted,
  failed,
  registered,
} from '@factflow/domain/testing';

/** Records of one execution of {@link aRun}. */
const RECORDS = 40;

/** All events of an execution: a tree with joins whose records end bottom up, some of them failing. */
export function aRun(): LineageEvent[] {
  const at = { executionId: anId() };
  const ids = Array.from({ length: RECORDS }, anId);
  const registrations = ids.map((id, n) =>
    registered(id, at, {
      ...(n > 0 ? { parentId: ids[(n - 1) >> 1] as string } : {}),
      ...(n > 5 && n % 5 === 0 ? { joinedParentIds: [ids[n - 1] as string, ids[n - 3] as string] } : {}),
      adapterName: ['parse', 'check', 'report'][n % 3] as string,
      started: true,
    }),
  );
  const ends = ids.toReversed().map((id, n) => (n % 7 === 3 ? failed(id, at) : completed(id, at)));
  return [executionStarted(at, { name: 'load' }), ...registrations, ...ends, executionEnded(at)];
}

/** Batches of a load in which every request carries events of several runs, so of several lanes. */
export function interleaved(
  runs: readonly (readonly LineageEvent[])[],
  batchEvents: number,
): LineageEvent[][] {
  const longest = Math.max(...runs.map((run) => run.length));
  const events = Array.from({ length: longest }, (_, n) => runs.flatMap((run) => run[n] ?? [])).flat();
  const batches: LineageEvent[][] = [];
  for (let at = 0; at < events.length; at += batchEvents) batches.push(events.slice(at, at + batchEvents));
  return batches;
}
