import type { LineageEvent, Metadata, RecordRegisteredData } from '@factflow/domain';
import type { Random } from './random';

// One execution of a pipeline, in simulated time: a number of workers take messages in the order in which they came,
// and whatever comes of one goes to the end of the line. So events are in the order of their time, records overlap,
// and the start and the end of one are often in different requests.

const ROUTE = 'documents';
/** Share of messages an adapter fails on. */
const FAILURES = 0.02;
/** Results that are put together into one. */
const JOINED = 12;
const WORKERS = 32;
const CHUNKS = 7;
/** Records that come of one message from outside, on average. */
const RECORDS_EACH = 7;

type Adapter = 'discover' | 'parse' | 'chunk' | 'embed' | 'index';

/** What an adapter makes of a message: how many for which adapter. Chunks are registered before their parent ends. */
const NEXT: Readonly<Record<Adapter, Adapter | undefined>> = {
  discover: 'parse',
  parse: 'chunk',
  chunk: 'embed',
  embed: 'index',
  index: undefined,
};

interface Message {
  readonly adapter: Adapter;
  readonly parentIds: readonly string[];
  readonly hash: string;
  /** when it came to be, milliseconds since 1970 */
  readonly at: number;
  /** set when the record is registered already, as pending */
  readonly recordId?: string;
}

type Draft = {
  [Type in LineageEvent['type']]: Omit<Extract<LineageEvent, { type: Type }>, 'eventId' | 'executionId'>;
}[LineageEvent['type']];

/** Events of one execution of about so many records, in the order of their time. */
export function pipelineRun(
  random: Random,
  { startMs, records }: { readonly startMs: number; readonly records: number },
): LineageEvent[] {
  return new Pipeline(random, startMs, records).run();
}

class Pipeline {
  private readonly events: LineageEvent[] = [];
  private readonly executionId: string;
  private readonly waiting: Message[] = [];
  private readonly results: string[] = [];
  private readonly batchId: string;
  /** messages that come from outside */
  private sources: number;

  constructor(
    private readonly random: Random,
    private readonly startMs: number,
    records: number,
  ) {
    this.executionId = random.id(startMs);
    this.batchId = random.id(startMs);
    this.sources = Math.ceil(records / RECORDS_EACH);
  }

  run(): LineageEvent[] {
    this.emit({
      type: 'execution.started',
      occurredAt: this.startMs,
      data: { name: 'nightly-import', metadata: { trigger: 'schedule', host: 'worker-1' } },
    });
    const free = new Array<number>(WORKERS).fill(this.startMs + 1);
    while (this.sources > 0 || this.waiting.length > 0) {
      const worker = free.indexOf(Math.min(...free));
      const since = free[worker] as number;
      const message = this.next(since);
      free[worker] = this.process(message, Math.max(since, message.at));
    }
    const end = Math.max(...free) + 1;
    this.emit({ type: 'execution.completed', occurredAt: end, data: {} });
    return this.events.sort((a, b) => a.occurredAt - b.occurredAt);
  }

  /** The message that waits longest; a new one while none is there yet, as long as there are any. */
  private next(at: number): Message {
    const [first] = this.waiting;
    if (first && (first.at <= at || this.sources === 0)) {
      this.waiting.shift();
      return first;
    }
    this.sources -= 1;
    return { adapter: 'discover', parentIds: [], hash: this.random.hash(), at };
  }

  /** @returns when the worker is free again */
  private process(message: Message, at: number): number {
    const recordId = message.recordId ?? this.register(message, at, true);
    if (message.recordId !== undefined)
      this.emit({ type: 'record.started', recordId, occurredAt: at, data: {} });
    const end = at + this.random.between(1, this.random.chance(0.05) ? 1500 : 60);
    if (this.random.chance(FAILURES)) this.fail(recordId, end);
    else this.complete(recordId, message.adapter, end);
    return end;
  }

  private register(message: Message, at: number, started: boolean): string {
    const recordId = this.random.id(at);
    const [parentId, ...joinedParentIds] = message.parentIds;
    const data: RecordRegisteredData = {
      routeId: ROUTE,
      adapterName: message.adapter,
      inputHash: message.hash,
      ...(parentId === undefined ? {} : { parentId }),
      ...(joinedParentIds.length === 0 ? {} : { joinedParentIds }),
      ...(message.adapter === 'embed' ? { batchId: this.batchId } : {}),
      ...(started ? { started } : {}),
      metadata: this.metadata(),
    };
    this.emit({ type: 'record.registered', recordId, occurredAt: at, data });
    return recordId;
  }

  private complete(recordId: string, adapter: Adapter, at: number): void {
    const outputHash = this.random.hash();
    this.follow(recordId, adapter, outputHash, at);
    const metadata = this.random.chance(0.2) ? { metadata: { bytes: this.random.between(10, 90_000) } } : {};
    this.emit({ type: 'record.completed', recordId, occurredAt: at, data: { outputHash, ...metadata } });
  }

  /** Queues what comes of a record. */
  private follow(id: string, adapter: Adapter, hash: string, at: number): void {
    const next = NEXT[adapter];
    if (next === undefined) return;
    if (next === 'index') return this.join(id, hash, at);
    if (next !== 'embed') {
      this.waiting.push({ adapter: next, parentIds: [id], hash, at });
      return;
    }
    for (let n = this.random.between(1, CHUNKS); n > 0; n -= 1) {
      const message: Message = { adapter: next, parentIds: [id], hash: this.random.hash(), at };
      this.waiting.push({ ...message, recordId: this.register(message, at, false) });
    }
  }

  private join(id: string, hash: string, at: number): void {
    this.results.push(id);
    if (this.results.length < JOINED) return;
    this.waiting.push({ adapter: 'index', parentIds: [...this.results], hash, at });
    this.results.length = 0;
  }

  private fail(recordId: string, at: number): void {
    const error = {
      class: 'TimeoutError',
      message: `no answer from the model after ${this.random.between(1, 30)} s`,
      traceback:
        'TimeoutError: no answer\n    at Embedder.call (embedder.ts:41:11)\n    at process (run.ts:17:5)',
    };
    this.emit({ type: 'record.failed', recordId, occurredAt: at, data: { error } });
  }

  private metadata(): Metadata {
    return { worker: `worker-${this.random.between(1, 9)}`, attempt: 1 };
  }

  private emit(draft: Draft): void {
    const { executionId } = this;
    this.events.push({ eventId: this.random.id(draft.occurredAt), executionId, ...draft } as LineageEvent);
  }
}
