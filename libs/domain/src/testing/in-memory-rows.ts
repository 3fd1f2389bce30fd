import { isRecordEvent, type LineageEvent, type RecordEvent } from '../events';
import type { ExecutionState } from '../execution';
import { project, type JoinEdge, type Projection } from '../projection';
import type { ProjectionSource } from '../projection-source';
import { parentIdsOf, recordKey, type RecordKey, type RecordState } from '../record';
import { statisticsKey, type AdapterStatistics, type StatisticsKey } from '../statistics';
import { rowsOf, type Rows } from './expected-rows';

const joinKey = (join: JoinEdge): string => join.executionId + join.parentId + join.childId;

/** Events and rows in memory, kept by the projection: what the store does, without a database. */
export class InMemoryRows implements ProjectionSource {
  private readonly events = new Map<string, LineageEvent>();
  private readonly records = new Map<string, RecordState>();
  private readonly joins = new Map<string, JoinEdge>();
  private readonly executionRows = new Map<string, ExecutionState>();
  private readonly statisticsRows = new Map<string, AdapterStatistics>();

  /** Stores the events that are new and folds them into the rows. */
  async append(events: readonly LineageEvent[]): Promise<Projection> {
    const fresh: LineageEvent[] = [];
    for (const event of events) {
      const key = event.executionId + event.eventId;
      if (this.events.has(key)) continue;
      this.events.set(key, event);
      fresh.push(event);
    }
    const projection = await project(fresh, this);
    for (const record of [
      ...projection.newRecords,
      ...projection.progressedRecords,
      ...projection.changedRecords,
    ])
      this.records.set(recordKey(record), record);
    for (const { children, pendingChildren, ...key } of projection.recountedRecords)
      this.records.set(recordKey(key), {
        ...(this.records.get(recordKey(key)) as RecordState),
        children,
        pendingChildren,
      });
    for (const record of projection.removedRecords) this.records.delete(recordKey(record));
    for (const join of projection.joins) this.joins.set(joinKey(join), join);
    for (const join of projection.removedJoins) this.joins.delete(joinKey(join));
    for (const row of projection.executions) this.executionRows.set(row.id, row);
    for (const row of projection.statistics) this.statisticsRows.set(statisticsKey(row), row);
    for (const key of projection.removedStatistics) this.statisticsRows.delete(statisticsKey(key));
    return projection;
  }

  rows(): Rows {
    return rowsOf({
      records: [...this.records.values()],
      joins: [...this.joins.values()],
      executions: [...this.executionRows.values()],
      statistics: [...this.statisticsRows.values()],
    });
  }

  async withParents(keys: readonly RecordKey[]): Promise<RecordState[]> {
    const own = this.find(keys.map(recordKey));
    return this.find([...keys.map(recordKey), ...own.flatMap(parentKeys)]);
  }

  async ancestors(keys: readonly RecordKey[]): Promise<RecordState[]> {
    const found = new Set(keys.map(recordKey));
    for (const key of found) {
      for (const row of this.find([key]))
        if (row.status !== 'pending') for (const parent of parentKeys(row)) found.add(parent);
    }
    return this.find([...found]);
  }

  async eventsOf(keys: readonly RecordKey[]): Promise<RecordEvent[]> {
    const wanted = new Set(keys.map(recordKey));
    return [...this.events.values()]
      .filter(isRecordEvent)
      .filter((event) => wanted.has(event.executionId + event.recordId));
  }

  async executions(ids: readonly string[]): Promise<ExecutionState[]> {
    return ids.flatMap((id) => this.executionRows.get(id) ?? []);
  }

  async statistics(keys: readonly StatisticsKey[]): Promise<AdapterStatistics[]> {
    return keys.flatMap((key) => this.statisticsRows.get(statisticsKey(key)) ?? []);
  }

  private find(keys: readonly string[]): RecordState[] {
    return [...new Set(keys)].flatMap((key) => this.records.get(key) ?? []);
  }
}

const parentKeys = (record: RecordState): string[] =>
  parentIdsOf(record).map((id) => record.executionId + id);
