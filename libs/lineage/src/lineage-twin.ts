import {
  completionOf,
  executionCompletionOf,
  isRecordEvent,
  parentIdsOf,
  project,
  recordKey,
  type Completion,
  type ExecutionCompletion,
  type ExecutionState,
  type LineageEvent,
  type PayloadRef,
  type ProjectionSource,
  type RecordState,
} from '@factflow/domain';
import { contentTypeOf } from '@factflow/journal';
import type { PayloadSide } from './capture/capture-options';
import type { Drawn } from './draw-twin';
import { ExecutionExpectation, type ExecutionRef } from './execution-expectation';
import { checked, unexpected } from './expectation';
import { MemorySink } from './memory.sink';
import type { LineageOptions } from './options';
import type { RecordRef } from './record-description';
import { RecordExpectation } from './record-expectation';
import { createLineageRecorder, type LineageRecorder } from './recorder';

/** A record as an operator would see it. */
export interface TwinRecord extends RecordState {
  readonly completion: Completion;
  /** `parentId` and joined parents, each once */
  readonly parentIds: readonly string[];
}

/** An execution as an operator would see it. */
export interface TwinExecution extends ExecutionState {
  readonly completion: ExecutionCompletion;
}

/** Bytes that were kept of a message. */
export interface TwinPayload extends PayloadRef {
  readonly bytes: Buffer;
  /** the bytes as the message that was kept: bytes, text, or data */
  readonly message: unknown;
}

/** Which records are meant: all that is given must hold. */
export type RecordFilter = Partial<
  Pick<TwinRecord, 'executionId' | 'routeId' | 'adapterName' | 'status' | 'completion' | 'batchId'>
>;

type Named = string | { readonly id: string };
const idOf = (record: Named): string => (typeof record === 'string' ? record : record.id);

/**
 * A recorder that ships into memory, and what a command and query app would make of it. Give `recorder` to the code
 * under test (`overrideProvider(LineageRecorder).useValue(twin.recorder)`), then say what is expected, or ask. Both see
 * everything recorded before them.
 */
export class LineageTwin {
  readonly sink = new MemorySink();
  readonly recorder: LineageRecorder;

  constructor(options: Omit<Partial<LineageOptions>, 'sink' | 'endpoint'> = {}) {
    this.recorder = createLineageRecorder({
      batch: { delayMs: 0 },
      buffer: { maxEvents: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER },
      ...options,
      endpoint: '',
      sink: this.sink,
    });
  }

  /** All accepted events, in the order in which they were recorded. */
  async events(): Promise<readonly LineageEvent[]> {
    await this.recorder.flush();
    return this.sink.events;
  }

  /** Records in the order of their registration; placeholders last. */
  async records(filter: RecordFilter = {}): Promise<TwinRecord[]> {
    const { records } = await this.#fold();
    const wanted = Object.entries(filter);
    return records.filter((record) =>
      wanted.every(([name, value]) => record[name as keyof TwinRecord] === value),
    );
  }

  /** @throws Error when nothing mentions such a record */
  async record(record: Named): Promise<TwinRecord> {
    const { records } = await this.#fold();
    const found = records.find(({ id }) => id === idOf(record));
    if (!found) throw new Error(`no record ${idOf(record)} among ${records.length}`);
    return found;
  }

  /** Direct children, joins included. */
  async childrenOf(record: Named): Promise<TwinRecord[]> {
    const { records } = await this.#fold();
    return records.filter(({ parentIds }) => parentIds.includes(idOf(record)));
  }

  async completionOf(record: Named): Promise<Completion> {
    return (await this.record(record)).completion;
  }

  /** Executions in the order in which they started. */
  async executions(): Promise<readonly TwinExecution[]> {
    return (await this.#fold()).executions;
  }

  /** What was kept of a record's input or output, as `capture` says; undefined: nothing was. */
  async payloadOf(record: Named, side: PayloadSide = 'input'): Promise<TwinPayload | undefined> {
    const { inputPayload, outputPayload } = await this.record(record);
    const ref = side === 'input' ? inputPayload : outputPayload;
    if (ref === null) return undefined;
    const bytes = this.sink.payloads.get(ref.key);
    return bytes ? { ...ref, bytes, message: messageOf(ref, bytes) } : undefined;
  }

  /** `await twin.expectRecord({ adapter: 'chunker', input: document }).toHaveProduced([{ adapter: 'embedder' }, …])` */
  expectRecord(record: RecordRef): RecordExpectation {
    return new RecordExpectation(() => this.#fold(), record);
  }

  /** @param execution the only one where it is left out */
  expectExecution(execution?: ExecutionRef): ExecutionExpectation {
    return new ExecutionExpectation(() => this.#fold(), execution);
  }

  /** Every record has settled and is registered, and every execution has ended. @throws AssertionError */
  expectNothingPending(): Promise<void> {
    return checked(this.expectNothingPending, async () => {
      const all = await this.#fold();
      const open = all.records.filter(({ completion }) => OPEN.has(completion));
      const running = all.executions.filter(({ completion }) => OPEN.has(completion));
      if (open.length + running.length === 0) return;
      const instead = `but ${open.length} records and ${running.length} executions are open`;
      throw unexpected('nothing to be pending', instead, all, open);
    });
  }

  async #fold(): Promise<Drawn> {
    const events = await this.events();
    const { newRecords: records, executions } = await project(events, sourceOf(events));
    const order = new Map(
      events
        .filter(({ type }) => type === 'record.registered')
        .map((event, place) => [event.executionId + event.recordId, place]),
    );
    const placeOf = (record: RecordState): number => order.get(recordKey(record)) ?? Infinity;
    return {
      records: records
        .map((row) => ({ ...row, completion: completionOf(row), parentIds: parentIdsOf(row) }))
        .sort((a, b) => placeOf(a) - placeOf(b) || 0),
      executions: executions.map((row) => ({ ...row, completion: executionCompletionOf(row) })),
    };
  }
}

function messageOf({ contentType }: PayloadRef, bytes: Buffer): unknown {
  if (contentType === contentTypeOf('json')) return JSON.parse(bytes.toString());
  return contentType === contentTypeOf('txt') ? bytes.toString() : bytes;
}

/** Completions of what is not over. */
const OPEN: ReadonlySet<Completion | ExecutionCompletion> = new Set([
  'pending',
  'awaiting_children',
  'unknown',
  'running',
  'awaiting_records',
]);

/** Makes a twin; its recorder needs no closing. */
export const createLineageTwin = (...options: ConstructorParameters<typeof LineageTwin>): LineageTwin =>
  new LineageTwin(...options);

/** Nothing is stored before: every question folds all events anew. */
function sourceOf(events: readonly LineageEvent[]): ProjectionSource {
  return {
    withParents: async () => [],
    ancestors: async () => [],
    executions: async () => [],
    statistics: async () => [],
    eventsOf: async (keys) => {
      const wanted = new Set(keys.map(recordKey));
      return events.filter(isRecordEvent).filter((event) => wanted.has(event.executionId + event.recordId));
    },
  };
}
