import type { Announcer } from '../logger';
import type { Sink } from '../sink';
import { PayloadControl } from './payload-control';
import {
  PayloadMemory,
  PayloadSpool,
  takesNothing,
  type PayloadIntake,
  type PayloadSpoolOptions,
} from './payload-intake';
import * as say from './payload-messages';
import { PayloadBuffer, PayloadRing } from './payload-queue';
import type { PayloadShared } from './payload-shipping';

/** Counts of captured payloads; the same bytes again within a minute count once. */
export interface PayloadStatus {
  /** in the spool or in memory, neither stored nor lost */
  readonly waiting: number;
  readonly waitingBytes: number;
  /** stored by the command app */
  readonly stored: number;
  /** named by their records, and never to be stored: refused by the command app, removed, or given up at the end without a spool */
  readonly lost: number;
  /** not taken at all, as `metadata.lineage_marks` of their records say: too large, no room, a slow disk, no data, or a redaction hook that failed */
  readonly skipped: number;
  /** payloads that dead processes left, answered since */
  readonly adopted: number;
}

export interface PayloadOutboxParts {
  readonly sink: Sink | undefined;
  /** where payloads are sent to; undefined for nowhere */
  readonly target: string | undefined;
  /** undefined where there is no spool */
  readonly spool: PayloadSpoolOptions | undefined;
  /** bound of what is kept in memory where there is no spool */
  readonly maxHeldBytes: number;
  /** whether another thread sends them */
  readonly shared: boolean;
  readonly announcer: Announcer;
}

/** Where captured bytes go, as far as the recorder's own thread does it. */
export class PayloadOutbox implements PayloadIntake {
  readonly control = new PayloadControl();
  readonly shared: PayloadShared;
  readonly #intake: PayloadIntake;
  #closed = false;

  constructor(parts: PayloadOutboxParts) {
    const { sink, target, spool, announcer } = parts;
    const tell = (kind: 'full' | 'disk', reason: string): void =>
      announcer.warn(`payloads ${kind}`, () => say.notTaken(kind, reason));
    const takes = target !== undefined && (sink === undefined || sink.storePayload !== undefined);
    const held = takes && !spool ? makeQueue(parts) : undefined;
    this.shared = { control: this.control, held };
    if (!takes)
      this.#intake = takesNothing(sink ? 'the sink takes no payloads' : 'there is nowhere to send it');
    else if (spool) this.#intake = new PayloadSpool(spool, this.control, tell);
    else
      this.#intake = held ? new PayloadMemory(held, this.control, tell) : takesNothing('there is no buffer');
  }

  push(...payload: Parameters<PayloadIntake['push']>): string | undefined {
    return this.#closed ? 'the recorder is closed' : this.#intake.push(...payload);
  }

  /** Takes nothing any more. */
  close(): void {
    this.#closed = true;
  }

  status(): PayloadStatus {
    const { control } = this;
    return {
      waiting: control.waiting,
      waitingBytes: control.waitingBytes,
      stored: control.get('stored'),
      lost: control.get('lost'),
      skipped: control.get('skipped'),
      adopted: control.get('adopted'),
    };
  }
}

const makeQueue = ({ shared, maxHeldBytes }: PayloadOutboxParts): PayloadRing | PayloadBuffer =>
  shared ? new PayloadRing(maxHeldBytes) : new PayloadBuffer(maxHeldBytes);
