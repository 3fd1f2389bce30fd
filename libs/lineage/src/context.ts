import { AsyncLocalStorage } from 'node:async_hooks';
import type { LineageRecord } from './record';

/** The record whose work is being done, and the recorder it belongs to. */
export interface Context {
  readonly recorder: object;
  readonly record: LineageRecord;
}

/** Follows the work of a record through its calls, sync and async. */
export const context = new AsyncLocalStorage<Context>();
