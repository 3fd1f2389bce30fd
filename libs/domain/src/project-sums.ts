import type { LineageEvent } from './events';
import { emptyExecution, ExecutionSum, type ExecutionState } from './execution';
import type { Projection } from './projection';
import type { ProjectionSource } from './projection-source';
import type { RecordState } from './record';
import type { Change } from './record-changes';
import {
  emptyStatistics,
  statisticsKey,
  statisticsKeyOf,
  StatisticsSum,
  type StatisticsKey,
  type AdapterStatistics,
} from './statistics';

/** The rows of the executions of a batch, with the changes of its records counted. */
export async function projectExecutions(
  events: readonly LineageEvent[],
  changes: readonly Change[],
  source: ProjectionSource,
): Promise<ExecutionState[]> {
  const ids = [...new Set(events.map((event) => event.executionId))];
  if (ids.length === 0) return [];
  const rows = new Map((await source.executions(ids)).map((row) => [row.id, row]));
  const sums = new Map(ids.map((id) => [id, new ExecutionSum(rows.get(id) ?? emptyExecution(id))]));
  for (const event of events) sums.get(event.executionId)?.see(event);
  for (const { before, after } of changes) {
    if (before) sums.get(before.executionId)?.count(before, -1);
    if (after) sums.get(after.executionId)?.count(after, 1);
  }
  return [...sums.values()].map((sum) => sum.result());
}

/** What a batch does to one sum. */
interface Contributions {
  readonly key: StatisticsKey;
  readonly added: RecordState[];
  readonly takenBack: RecordState[];
}

/** The sums that records of a batch contribute to, or did before. */
export async function projectStatistics(
  changes: readonly Change[],
  source: ProjectionSource,
): Promise<Pick<Projection, 'statistics' | 'removedStatistics'>> {
  const contributions = contributionsOf(changes);
  if (contributions.size === 0) return { statistics: [], removedStatistics: [] };
  const rows = await source.statistics([...contributions.values()].map(({ key }) => key));
  const before = new Map(rows.map((row) => [statisticsKey(row), row]));
  const statistics: AdapterStatistics[] = [];
  const removedStatistics: AdapterStatistics[] = [];
  for (const [text, { key, added, takenBack }] of contributions) {
    const sum = new StatisticsSum(before.get(text) ?? emptyStatistics(key));
    for (const record of takenBack) sum.add(record, -1);
    for (const record of added) sum.add(record, 1);
    (sum.isEmpty ? removedStatistics : statistics).push(sum.result());
  }
  return { statistics, removedStatistics };
}

function contributionsOf(changes: readonly Change[]): Map<string, Contributions> {
  const contributions = new Map<string, Contributions>();
  const of = (record: RecordState | null): Contributions | undefined => {
    const key = record && statisticsKeyOf(record);
    if (!key) return undefined;
    const text = statisticsKey(key);
    const known = contributions.get(text) ?? { key, added: [], takenBack: [] };
    contributions.set(text, known);
    return known;
  };
  for (const { before, after } of changes) {
    if (before) of(before)?.takenBack.push(before);
    if (after) of(after)?.added.push(after);
  }
  return contributions;
}
