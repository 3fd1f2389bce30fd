import type { LineageEvent } from '@factflow/domain';
import {
  anId,
  completed,
  eventAt,
  executionEnded,
  executionStarted,
  failed,
  registered,
} from '@factflow/domain/testing';
import { firstIdAt } from '../partitions';

let born = 0;

/** A new version 7 id of a time. */
export const idAt = (ms: number): string =>
  `${firstIdAt(ms).slice(0, 13)}-7000-8000-${String(++born).padStart(12, '0')}`;

/** What an execution can be like when a prune comes. */
export const STATES = [
  'done',
  'failed',
  'failed with a pending record',
  'cancelled',
  'running',
  'running without unfinished records',
  'completed with a pending record',
  'completed with a placeholder',
] as const;
export type State = (typeof STATES)[number];

const END = {
  done: 'execution.completed',
  failed: 'execution.failed',
  'failed with a pending record': 'execution.failed',
  cancelled: 'execution.cancelled',
  running: undefined,
  'running without unfinished records': undefined,
  'completed with a pending record': 'execution.completed',
  'completed with a placeholder': 'execution.completed',
} as const satisfies Record<State, string | undefined>;

/** The events of an execution of three records, two of them joined, all at one time. */
export function anExecution(executionId: string, at: number, state: State): LineageEvent[] {
  const [first, second, joined] = [anId(), anId(), anId()];
  const when = (): { executionId: string; at: number } => ({ executionId, at });
  const pending = /pending|^running$/.test(state);
  const events = [
    executionStarted(when(), { name: state }),
    registered(first, when(), { started: true }),
    registered(second, when(), { parentId: first }),
    registered(joined, when(), { parentId: first, joinedParentIds: [second] }),
    completed(first, when()),
    failed(second, when()),
    ...(pending ? [] : [completed(joined, when())]),
    ...(state.includes('placeholder') ? [registered(anId(), when(), { parentId: anId() })] : []),
  ];
  const end = END[state];
  if (end === 'execution.failed')
    return [...events, eventAt(end, when(), undefined, { error: { class: 'Error', message: 'broken' } })];
  return end ? [...events, executionEnded(when(), end)] : events;
}
