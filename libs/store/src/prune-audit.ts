import { newId } from '@factflow/domain';
import type { QueryRunner } from 'typeorm';

/** What was removed. */
export interface PruneCounts {
  readonly executions: number;
  /** registered ones */
  readonly records: number;
  readonly events: number;
  /** ranges whose partitions are gone */
  readonly partitionsDropped: number;
}

/** Who asked for a prune. */
export type PruneTrigger = 'retention' | 'request';

const ADD_SQL = `
  INSERT INTO lineage_prune AS p (id, started_at, before, trigger, executions, records, events, partitions_dropped)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (id) DO UPDATE SET executions = p.executions + excluded.executions, records = p.records + excluded.records,
    events = p.events + excluded.events, partitions_dropped = p.partitions_dropped + excluded.partitions_dropped`;
const END_SQL = 'UPDATE lineage_prune SET finished_at = now() WHERE id = $1';

/**
 * What one prune has removed so far: in memory, and in a row of `lineage_prune` that is written to by the transactions
 * that remove, so that it is right whatever comes between. A prune that removes nothing has no row.
 */
export class PruneAudit {
  private counts: PruneCounts = { executions: 0, records: 0, events: 0, partitionsDropped: 0 };
  private readonly id = newId();
  private readonly startedAt = new Date();

  constructor(
    private readonly runner: QueryRunner,
    private readonly before: number,
    private readonly trigger: PruneTrigger,
  ) {}

  get removed(): PruneCounts {
    return this.counts;
  }

  /** Does work that removes rows, in one transaction with the note of what it says it removed. */
  async removing(work: () => Promise<Partial<PruneCounts>>): Promise<void> {
    const { runner } = this;
    await runner.startTransaction('READ COMMITTED');
    try {
      const added = { executions: 0, records: 0, events: 0, partitionsDropped: 0, ...(await work()) };
      await runner.query(ADD_SQL, [
        this.id,
        this.startedAt,
        new Date(this.before),
        this.trigger,
        added.executions,
        added.records,
        added.events,
        added.partitionsDropped,
      ]);
      await runner.commitTransaction();
      this.add(added);
    } catch (error) {
      await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  }

  /** Counts what would go, without a note. */
  add(added: PruneCounts): void {
    this.counts = {
      executions: this.counts.executions + added.executions,
      records: this.counts.records + added.records,
      events: this.counts.events + added.events,
      partitionsDropped: this.counts.partitionsDropped + added.partitionsDropped,
    };
  }

  async end(): Promise<void> {
    await this.runner.query(END_SQL, [this.id]);
  }
}
