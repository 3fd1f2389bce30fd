/** What one invocation of an adapter is recorded with. */
export type Variant = 'lineage' | 'span-file' | 'span-batch';

/** What a process of the recorder rows is to do. */
export interface Task {
  readonly variant: Variant;
  readonly invocations: number;
  /** invocations before, which do not count */
  readonly warmUp: number;
  /** of each message, inbound and outbound */
  readonly bytes: number;
  /** where the recorder ships to */
  readonly endpoint: string;
  /** how long the recorder waits for it in the end */
  readonly flushTimeoutMs: number;
  /** for files of this run */
  readonly folder: string;
}

/** What it found. */
export interface Report {
  /** wall time of one invocation, turns of the event loop included */
  readonly micros: number;
  /** of the calls alone, the 99.9th percentile */
  readonly p999Micros: number;
  /** resident bytes after the warm-up, and at most afterwards */
  readonly rssBefore: number;
  readonly rss: number;
  /** what became of what was recorded, for people */
  readonly told: string;
}

/** One way to record. */
export interface Invocation {
  /** A message goes through an adapter: one record, from its begin to its end. */
  invoke(input: Buffer, output: Buffer): void;
  /** Resolves when what was recorded so far is out of the way. */
  settle(): Promise<void>;
  /** @returns what became of what was recorded */
  close(): Promise<string>;
}

/** What both sides say of an invocation. */
export const ROUTE = 'documents';
export const ADAPTER = 'embed';
export const METADATA = { worker: 'worker-1', attempt: 1 };
