import type { LineageOptions } from '@factflow/lineage';

/** What a process of the campaign is to do. */
export interface Task {
  /** where it tells which calls have returned, see `LedgerWriter` */
  readonly ledger: string;
  /** null: the same work without lineage */
  readonly lineage: LineageOptions | null;
  /**
   * run: messages, until a signal; spin: registers and starts a record, then never returns to its event loop;
   * idle: records nothing, and tells its status now and then
   */
  readonly how: 'run' | 'spin' | 'idle';
}
