import { timeOfId } from './ids';
import { LIMITS } from './limits';

// Events that follow each other are mostly of few executions and recorders: one text stands for all their mentions.
const MAX_SEEN = 1000;

/** An execution that events name. */
export interface SeenExecution {
  /** in lower case */
  readonly id: string;
  /** what its events must not be before, milliseconds since 1970 */
  readonly earliestMs: number;
}
const seenExecutions = new Map<string, SeenExecution>();
const seenIds = new Map<string, string>();

/** The execution of that id. */
export function seenExecution(text: string): SeenExecution {
  const seen = seenExecutions.get(text);
  if (seen) return seen;
  const id = text.toLowerCase();
  const time = timeOfId(id);
  const execution = { id, earliestMs: time === undefined ? -Infinity : time - LIMITS.beforeExecutionMs };
  if (seenExecutions.size >= MAX_SEEN) seenExecutions.clear();
  seenExecutions.set(text, execution);
  return execution;
}

/** The id in lower case. */
export function seenId(text: string): string {
  const seen = seenIds.get(text);
  if (seen !== undefined) return seen;
  const id = text.toLowerCase();
  if (seenIds.size >= MAX_SEEN) seenIds.clear();
  seenIds.set(text, id);
  return id;
}
