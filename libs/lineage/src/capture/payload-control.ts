// What the two threads know of each other's payloads without a message, as `Control` does of events: each number has one
// writer, and aligned ones are written whole.

/** Counts that the recorder's side keeps. `skipped`: not taken, and the record says why. */
const OURS = { captured: 0, capturedBytes: 1, skipped: 2, slowBytes: 3 } as const;
/** Counts that the shipping side keeps. */
const THEIRS = { stored: 4, lost: 5, settledBytes: 6, adopted: 7 } as const;
const COUNTS = { ...OURS, ...THEIRS };
const WORD_BYTES = 64;
const WORDS = { disk: 0, left: 1 } as const;

export type PayloadCount = keyof typeof COUNTS;

/** Whether the disk takes payloads; where it does not, the shipping side tries it. */
export const PAYLOAD_DISK = { fine: 0, slow: 1, failing: 2 } as const;

/** What is known of payloads on their way; every captured one is `waiting`, `stored` or `lost`. */
export class PayloadControl {
  readonly #words: Int32Array;
  readonly #counts: Float64Array;

  constructor(
    readonly buffer = new SharedArrayBuffer(
      WORD_BYTES + Object.keys(COUNTS).length * Float64Array.BYTES_PER_ELEMENT,
    ),
  ) {
    this.#words = new Int32Array(buffer, 0, WORD_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.#counts = new Float64Array(buffer, WORD_BYTES);
  }

  get disk(): number {
    return Atomics.load(this.#words, WORDS.disk);
  }

  set disk(state: number) {
    Atomics.store(this.#words, WORDS.disk, state);
  }

  /** Folders of dead processes whose payloads are being stored. */
  get left(): number {
    return Atomics.load(this.#words, WORDS.left);
  }

  set left(folders: number) {
    Atomics.store(this.#words, WORDS.left, folders);
  }

  get(name: PayloadCount): number {
    return this.#counts[COUNTS[name]] as number;
  }

  set(name: PayloadCount, value: number): void {
    this.#counts[COUNTS[name]] = value;
  }

  add(name: PayloadCount, value: number): void {
    (this.#counts[COUNTS[name]] as number) += value;
  }

  /** Payloads that are neither stored nor lost. One that was quickly stored may be counted before it was counted as captured. */
  get waiting(): number {
    return Math.max(0, this.get('captured') - this.settled);
  }

  get settled(): number {
    return this.get('stored') + this.get('lost');
  }

  get waitingBytes(): number {
    // A file that was cut short leaves less than it came with.
    return this.waiting === 0 ? 0 : Math.max(0, this.get('capturedBytes') - this.get('settledBytes'));
  }
}
