import type { PayloadKind } from '@factflow/journal';

/** A payload in memory. */
export interface HeldPayload {
  /** `sha256:<64 hex>` */
  readonly key: string;
  readonly kind: PayloadKind;
  readonly bytes: Buffer;
}

/** Payloads in memory, where there is no spool: one side puts them in, the other takes them out, oldest first. */
export interface PayloadQueue {
  readonly length: number;
  /** @returns false when there is no room; the bytes are copied */
  push(key: string, kind: PayloadKind, bytes: Uint8Array): boolean;
  /** The oldest, which stays in. */
  peek(): HeldPayload | undefined;
  /** Removes the oldest. */
  drop(): void;
}

/** Within one thread. */
export class PayloadBuffer implements PayloadQueue {
  readonly #payloads: HeldPayload[] = [];
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get length(): number {
    return this.#payloads.length;
  }

  push(key: string, kind: PayloadKind, bytes: Uint8Array): boolean {
    if (this.#bytes + bytes.length > this.maxBytes) return false;
    this.#bytes += bytes.length;
    this.#payloads.push({ key, kind, bytes: Buffer.from(bytes) });
    return true;
  }

  peek(): HeldPayload | undefined {
    return this.#payloads[0];
  }

  drop(): void {
    this.#bytes -= this.#payloads.shift()?.bytes.length ?? 0;
  }
}

const HEAD = 0;
const TAIL = 1;
const USED = 2;
const COUNT = 3;
const STATE_BYTES = 64;
const WORD = 4;
/** Before the bytes of a payload: how many, their kind, and their digest. */
const FRAME_BYTES = 2 * WORD + 32;
const KINDS: readonly PayloadKind[] = ['bin', 'txt', 'json'];
/** In the place of a length: the next payload begins at the start of the memory. */
const WRAP = -1;
const PREFIX = 'sha256:';

/** Between two threads, in memory that has its full size from the start; the system gives pages when they are first touched. */
export class PayloadRing implements PayloadQueue {
  readonly #state: Int32Array;
  readonly #frames: Buffer;
  readonly #capacity: number;

  constructor(
    maxBytes: number,
    readonly buffer = new SharedArrayBuffer(STATE_BYTES + Math.ceil(maxBytes / WORD) * WORD),
  ) {
    this.#state = new Int32Array(buffer, 0, STATE_BYTES / WORD);
    this.#frames = Buffer.from(buffer, STATE_BYTES);
    this.#capacity = buffer.byteLength - STATE_BYTES;
  }

  get length(): number {
    return Atomics.load(this.#state, COUNT);
  }

  push(key: string, kind: PayloadKind, bytes: Uint8Array): boolean {
    const needed = sizeOf(bytes.length);
    let tail = this.#state[TAIL] as number;
    const left = this.#capacity - tail;
    const skipped = needed > left ? left : 0;
    if (Atomics.load(this.#state, USED) + needed + skipped > this.#capacity) return false;
    if (needed > left) {
      if (left >= WORD) this.#frames.writeInt32LE(WRAP, tail);
      tail = 0;
    }
    this.#frames.writeInt32LE(bytes.length, tail);
    this.#frames.writeInt32LE(KINDS.indexOf(kind), tail + WORD);
    this.#frames.write(key.slice(PREFIX.length), tail + 2 * WORD, 'hex');
    this.#frames.set(bytes, tail + FRAME_BYTES);
    this.#state[TAIL] = tail + needed;
    Atomics.add(this.#state, USED, needed + skipped);
    Atomics.add(this.#state, COUNT, 1);
    return true;
  }

  peek(): HeldPayload | undefined {
    if (this.length === 0) return undefined;
    const at = this.#begin();
    const frame = this.#frames.subarray(at, at + FRAME_BYTES + this.#frames.readInt32LE(at));
    return {
      key: PREFIX + frame.toString('hex', 2 * WORD, FRAME_BYTES),
      kind: KINDS[frame.readInt32LE(WORD)] as PayloadKind,
      // A copy: what is shared may be written to as soon as it was dropped.
      bytes: Buffer.from(frame.subarray(FRAME_BYTES)),
    };
  }

  drop(): void {
    if (this.length === 0) return;
    const head = this.#state[HEAD] as number;
    const at = this.#begin();
    const size = sizeOf(this.#frames.readInt32LE(at));
    this.#state[HEAD] = at + size;
    Atomics.sub(this.#state, COUNT, 1);
    Atomics.sub(this.#state, USED, size + (at === head ? 0 : this.#capacity - head));
  }

  /** Where the oldest payload begins. */
  #begin(): number {
    const head = this.#state[HEAD] as number;
    return head >= this.#capacity || this.#frames.readInt32LE(head) === WRAP ? 0 : head;
  }
}

const sizeOf = (bytes: number): number => FRAME_BYTES + Math.ceil(bytes / WORD) * WORD;
