import { AsyncLocalStorage } from 'node:async_hooks';
import type { LineageRecord } from './record';

/** The record whose work is being done, and the recorder it belongs to. */
export interface Context {
  readonly recorder: object;
  readonly record: LineageRecord;
  /** set while a replayed message is handed to its handler */
  readonly replay?: Replayed;
}

/** The adapter that a message is replayed for: the first call of it is the record that is there already. */
export interface Replayed {
  readonly route: string;
  readonly adapter: string;
  taken: boolean;
}

/** Follows the work of a record through its calls, sync and async. */
export const context = new AsyncLocalStorage<Context>();
