import { LIMITS, newId } from '@factflow/domain';
import { describeError } from './error-info';
import {
  isExecutionId,
  optionalId,
  property,
  readList,
  type Fact,
  type ParentRef,
  type RegisterOptions,
} from './facts';
import { registerRecord, type FactPort } from './live-record';
import { toMetadata, type Marks } from './metadata';
import { shortenName } from './shorten';
import { NO_RECORD, type LineageRecord } from './record';

/** What an execution is started with. */
export interface ExecutionOptions {
  readonly name: string;
  /** the execution this one replays */
  readonly replayOf?: string;
  /** the adapter the replay starts from */
  readonly fromStage?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** an id of one's own; any UUID that is not made more than a day ahead of the clock */
  readonly id?: string;
}

/** What a record of an execution is registered with when it is not a child of one record. */
export interface RegisterInExecutionOptions extends RegisterOptions {
  /** the records it comes from; several make it a join, none the start of a chain */
  readonly parents?: readonly ParentRef[];
}

/**
 * One run of a pipeline. No method throws or waits. The first of `complete`, `fail` and `cancel` decides; records may
 * still be registered and ended after it.
 */
export interface LineageExecution {
  /** empty when nothing is recorded */
  readonly id: string;
  register(options: RegisterInExecutionOptions): LineageRecord;
  complete(): void;
  /** @param error whatever was thrown */
  fail(error: unknown): void;
  cancel(): void;
}

/** Takes every call and does nothing. */
const NO_EXECUTION: LineageExecution = Object.freeze({
  id: '',
  register: () => NO_RECORD,
  complete: () => undefined,
  fail: () => undefined,
  cancel: () => undefined,
});

/** Starts an execution. @param options `ExecutionOptions`, or anything */
export function startExecution(port: FactPort, options: unknown): LineageExecution {
  return port.guard<LineageExecution>(() => {
    const marks: Marks = new Map();
    const given = property(options, 'id');
    const executionId = isExecutionId(given) ? given.toLowerCase() : newId();
    if (given !== undefined && !isExecutionId(given)) marks.set('id', 'not an id, or far in the future');
    const replayOf = optionalId(property(options, 'replayOf'), 'replayOf', marks);
    const fromStage = property(options, 'fromStage');
    const metadata = toMetadata(property(options, 'metadata'), marks);
    const data = {
      name: shortenName(property(options, 'name'), 'name'),
      ...(replayOf === undefined ? {} : { replayOf }),
      ...(fromStage === undefined ? {} : { fromStage: shortenName(fromStage, 'stage') }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    port.emit({ type: 'execution.started', executionId, data });
    return new LiveExecution(port, executionId);
  }, NO_EXECUTION);
}

/** Registers a record whose parents may be anything. */
export function registerIn(
  port: FactPort,
  executionId: string,
  options: RegisterOptions,
  { parents, started = false }: { parents: unknown; started?: boolean },
): LineageRecord {
  const { items, more } = readList(parents, LIMITS.joinedParents + 1);
  const place = { executionId, parents: items, started };
  if (more === 0) return registerRecord(port, options, place);
  return registerRecord(port, options, { ...place, marks: new Map([['parents', `${more} left out`]]) });
}

/** The handle of a started execution. */
class LiveExecution implements LineageExecution {
  #ended = false;

  constructor(
    private readonly port: FactPort,
    readonly id: string,
  ) {}

  register(options: RegisterInExecutionOptions): LineageRecord {
    return registerIn(this.port, this.id, options, { parents: property(options, 'parents') });
  }

  complete(): void {
    this.#end(() => ({ type: 'execution.completed', executionId: this.id, data: {} }));
  }

  fail(error: unknown): void {
    this.#end(() => ({
      type: 'execution.failed',
      executionId: this.id,
      data: { error: describeError(error) },
    }));
  }

  cancel(): void {
    this.#end(() => ({ type: 'execution.cancelled', executionId: this.id, data: {} }));
  }

  #end(fact: () => Fact): void {
    if (this.#ended) return this.port.ignore();
    this.#ended = true;
    this.port.guard(() => this.port.emit(fact()), undefined);
  }
}
