import {
  contentTypeOf,
  listPayloads,
  openPayloadFile,
  payloadFolder,
  type PayloadFile,
} from '@factflow/journal';
import { closeSync, createReadStream, unlinkSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { OutgoingPayload } from '../sink';
import type { PayloadQueue } from './payload-queue';

/** Files that are uploaded side by side. */
const FILES_AT_ONCE = 4;
/** What opening a file says where there is nothing of ours: gone, or laid there by somebody else. */
const NOT_OURS = new Set(['ENOENT', 'ELOOP', 'ENOTOWN']);

/** Payloads that wait, as an uploader sees them. Nothing here throws. */
export interface PayloadSource {
  /** payloads that may be under way at a time */
  readonly atOnce: number;
  /** One that is not under way; undefined when there is none. */
  next(): OutgoingPayload | undefined;
  /** It is not under way any more. @param settled whether it need not be sent again */
  done(payload: OutgoingPayload, settled: boolean): void;
}

/** Payloads in the folder of a recorder, in no order, however many there are. */
export class PayloadFolder implements PayloadSource {
  readonly atOnce = FILES_AT_ONCE;
  readonly #folder: string;
  readonly #underWay = new Map<OutgoingPayload, string>();
  readonly #paths = new Set<string>();
  #files: Iterator<PayloadFile, void> | undefined;
  #due = true;
  /** whether there is something that cannot be read now */
  #blocked = false;

  constructor(recorderFolder: string) {
    this.#folder = payloadFolder(recorderFolder);
  }

  /** whether it was looked through to its end, and nothing is left in it */
  get isEmpty(): boolean {
    return !this.#files && !this.#due && !this.#blocked && this.#paths.size === 0;
  }

  /** There may be something new: it is looked through again. */
  look(): void {
    this.#due = true;
  }

  next(): OutgoingPayload | undefined {
    for (;;) {
      const file = this.#nextFile();
      if (!file) return undefined;
      if (this.#paths.has(file.path)) continue;
      const payload = this.#open(file);
      if (!payload) continue;
      this.#underWay.set(payload, file.path);
      this.#paths.add(file.path);
      return payload;
    }
  }

  done(payload: OutgoingPayload, settled: boolean): void {
    const path = this.#underWay.get(payload);
    if (path === undefined) return;
    this.#underWay.delete(payload);
    this.#paths.delete(path);
    if (settled) remove(path);
    // What is still there is found again.
    else this.#due = true;
  }

  /** Closes what is open of the folder. */
  close(): void {
    this.#files?.return?.();
    this.#files = undefined;
  }

  #nextFile(): PayloadFile | undefined {
    for (;;) {
      if (!this.#files) {
        if (!this.#due) return undefined;
        [this.#due, this.#blocked] = [false, false];
        this.#files = listPayloads(this.#folder);
      }
      const { value } = this.#files.next();
      if (value) return value;
      this.#files = undefined;
    }
  }

  #open({ path, key, contentType }: PayloadFile): OutgoingPayload | undefined {
    try {
      const { fd, bytes } = openPayloadFile(path);
      closeSync(fd);
      return { key, contentType, bytes, open: () => streamOf(path, bytes) };
    } catch (error) {
      if (!NOT_OURS.has((error as NodeJS.ErrnoException).code ?? '')) this.#blocked = true;
      return undefined;
    }
  }
}

/** As many bytes as were announced, or an error. */
function streamOf(path: string, bytes: number): Readable {
  if (bytes === 0) return Readable.from([]);
  const { fd } = openPayloadFile(path);
  return createReadStream(path, { fd, end: bytes - 1 });
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // What stays is sent again one day, and known by then.
  }
}

/** Payloads in memory, oldest first, one at a time. */
export class PayloadHeld implements PayloadSource {
  readonly atOnce = 1;
  #underWay: OutgoingPayload | undefined;

  constructor(private readonly queue: PayloadQueue) {}

  next(): OutgoingPayload | undefined {
    const held = this.#underWay ? undefined : this.queue.peek();
    if (!held) return undefined;
    const { key, kind, bytes } = held;
    this.#underWay = {
      key,
      contentType: contentTypeOf(kind),
      bytes: bytes.length,
      open: () => Readable.from(bytes.length === 0 ? [] : [bytes]),
    };
    return this.#underWay;
  }

  done(_payload: OutgoingPayload, settled: boolean): void {
    this.#underWay = undefined;
    if (settled) this.queue.drop();
  }
}
