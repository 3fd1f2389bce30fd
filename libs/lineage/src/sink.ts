import type { Readable } from 'node:stream';

/** An event on its way: the line that POST /api/v1/events takes, and what the recorder must know about it. */
export interface OutgoingEvent {
  /** place in the recorder's gapless sequence, from 1 */
  readonly sequence: number;
  readonly eventId: string;
  /** the event as JSON, without a line break */
  readonly line: string;
  /** length of `line` in UTF-8 bytes */
  readonly bytes: number;
}

/** An event of a batch that the command app will never take. */
export interface RejectedEvent {
  /** place in the batch, from 0 */
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** What became of a batch. */
export type SinkResult =
  /** stored, or stored already, except for those rejected */
  | { readonly kind: 'accepted'; readonly rejected: readonly RejectedEvent[] }
  /** not known to be stored: the same batch is sent again later */
  | {
      readonly kind: 'unavailable';
      readonly reason: string;
      /** how long the receiver asks to be left alone, milliseconds */
      readonly retryAfterMs?: number;
      /** there was no answer in time: a smaller batch may fare better */
      readonly timedOut?: boolean;
    }
  /** the receiver will not take this batch, whenever it is sent: smaller ones may isolate the cause */
  | { readonly kind: 'refused'; readonly reason: string };

/** Bytes of a message on their way. */
export interface OutgoingPayload {
  /** `sha256:<64 hex>`, the digest of the bytes */
  readonly key: string;
  readonly contentType: string;
  readonly bytes: number;
  /** The bytes; called once for every attempt, if at all. */
  open(): Readable;
}

/** What became of a payload. */
export type PayloadResult =
  /** stored, or stored already */
  | { readonly kind: 'stored' }
  /** not known to be stored: sent again later */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number }
  /** the receiver will not take it, whenever it is sent */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Where a recorder ships to. One batch is sent at a time, in the order of the sequence, and sent again after
 * `unavailable`, so that an implementation has to recognise repeats by (`execution_id`, `event_id`).
 */
export interface Sink {
  /** what messages to people call it */
  readonly target: string;
  /** Never rejects. The signal asks to give up: the result does not matter any more. */
  send(batch: readonly OutgoingEvent[], signal: AbortSignal): Promise<SinkResult>;
  /** Stores bytes under their digest; once more is harmless. Without it no payloads are kept. Never rejects. */
  storePayload?(payload: OutgoingPayload, signal: AbortSignal): Promise<PayloadResult>;
  /** Frees connections. Nothing is sent afterwards. */
  close(): void;
}
