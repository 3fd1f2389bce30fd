import {
  makePayloadFolder,
  payloadFolder,
  payloadPath,
  writePayloadFile,
  type PayloadKind,
} from '@factflow/journal';
import { existsSync } from 'node:fs';
import { PAYLOAD_DISK, type PayloadControl } from './payload-control';
import type { PayloadQueue } from './payload-queue';

/** Two writes in a row that take longer have payloads left out until the disk is fast again: one may have waited for its core. */
const SLOW_MS = 50;
/** The most files that wait. */
const MAX_FILES = 100_000;
/** What was taken so lately is not written again. */
const RECENT_MS = 60_000;
const MAX_RECENT = 4_096;

/** Where captured bytes go. Never throws, and waits for nothing but one write to the disk. */
export interface PayloadIntake {
  /** @returns why it was not taken; undefined: it was, or was shortly before */
  push(key: string, kind: PayloadKind, bytes: Uint8Array): string | undefined;
}

/** What is told of an intake. Nothing here throws. */
export type TellTrouble = (kind: 'full' | 'disk', reason: string) => void;

export interface PayloadSpoolOptions {
  /** the folder of this recorder */
  readonly folder: string;
  readonly maxBytes: number;
  /** Makes that folder if it is not there yet. @returns whether it is */
  open(): boolean;
  /** milliseconds that only ever grow. Default: since the process started */
  readonly now?: () => number;
}

/** The part of the spool that takes payloads: one file for a digest, there and whole when `push` returns. */
export class PayloadSpool implements PayloadIntake {
  readonly #folder: string;
  readonly #recent = new Map<string, number>();
  readonly #now: () => number;
  #made = false;
  /** whether the last write was a slow one */
  #wasSlow = false;

  constructor(
    private readonly options: PayloadSpoolOptions,
    private readonly control: PayloadControl,
    private readonly tell: TellTrouble,
  ) {
    this.#folder = payloadFolder(options.folder);
    this.#now = options.now ?? (() => performance.now());
  }

  push(key: string, kind: PayloadKind, bytes: Uint8Array): string | undefined {
    const path = payloadPath(this.#folder, key, kind);
    if (this.#isRecent(path)) return undefined;
    if (!this.options.open()) return 'there is no spool';
    if (this.control.disk !== PAYLOAD_DISK.fine)
      return this.control.disk === PAYLOAD_DISK.slow ? 'the disk is slow' : 'the disk takes nothing';
    if (!existsSync(path)) {
      const reason = this.#overBound(bytes.length) ?? this.#write(path, bytes);
      if (reason !== undefined) return reason;
    }
    this.#remember(path);
    return undefined;
  }

  #overBound(bytes: number): string | undefined {
    const { maxBytes } = this.options;
    const isFull = this.control.waiting >= MAX_FILES || this.control.waitingBytes + bytes > maxBytes;
    if (!isFull) return undefined;
    this.tell(
      'full',
      `${this.control.waiting.toLocaleString('en')} of them wait, ${this.control.waitingBytes.toLocaleString('en')} bytes`,
    );
    return 'the spool is full';
  }

  #write(path: string, bytes: Uint8Array): string | undefined {
    const { control } = this;
    try {
      if (!this.#made) makePayloadFolder(this.options.folder);
      this.#made = true;
      const before = this.#now();
      writePayloadFile(path, bytes);
      const took = this.#now() - before;
      const isSlow = took > SLOW_MS;
      if (isSlow && this.#wasSlow)
        this.#switchOff(PAYLOAD_DISK.slow, bytes.length, `a write took ${took.toFixed(0)} ms`);
      this.#wasSlow = isSlow && !this.#wasSlow;
    } catch (error) {
      this.#switchOff(
        PAYLOAD_DISK.failing,
        bytes.length,
        error instanceof Error ? error.message : String(error),
      );
      return 'the disk did not take it';
    }
    control.add('capturedBytes', bytes.length);
    control.add('captured', 1);
    return undefined;
  }

  #switchOff(disk: number, bytes: number, reason: string): void {
    this.control.set('slowBytes', bytes);
    this.control.disk = disk;
    this.tell('disk', reason);
  }

  #isRecent(path: string): boolean {
    const at = this.#recent.get(path);
    return at !== undefined && performance.now() - at < RECENT_MS;
  }

  #remember(path: string): void {
    this.#recent.delete(path);
    this.#recent.set(path, performance.now());
    if (this.#recent.size <= MAX_RECENT) return;
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined) this.#recent.delete(oldest);
  }
}

/** Where there is no spool: memory, from which the shipping side takes. */
export class PayloadMemory implements PayloadIntake {
  constructor(
    private readonly queue: PayloadQueue,
    private readonly control: PayloadControl,
    private readonly tell: TellTrouble,
  ) {}

  push(key: string, kind: PayloadKind, bytes: Uint8Array): string | undefined {
    if (!this.queue.push(key, kind, bytes)) {
      this.tell('full', `${this.control.waiting.toLocaleString('en')} of them wait in memory`);
      return 'the buffer is full';
    }
    this.control.add('capturedBytes', bytes.length);
    this.control.add('captured', 1);
    return undefined;
  }
}

/** Takes nothing. */
export const takesNothing = (reason: string): PayloadIntake => ({ push: () => reason });
