import { timeNow } from '@factflow/domain';
import { countPayloads, type JournalFault } from '@factflow/journal';
import { Adoption } from './adoption';
import type { Backlog } from './backlog';
import { PayloadShipping } from './capture/payload-shipping';
import type { PayloadTarget } from './capture/payload-uploader';
import { HttpPayloads } from './capture/payload-target';
import { ADOPTION } from './control';
import { GivenUp } from './given-up';
import { Heartbeats, type Pulse } from './heartbeats';
import type { HttpConnectionOptions } from './http-connection';
import { HttpSink } from './http.sink';
import { Announcer } from './logger';
import * as say from './messages';
import { OwnFolder } from './own-folder';
import { Shipper } from './shipper';
import type { OutgoingEvent, RejectedEvent, Sink } from './sink';
import { SpoolBacklog } from './spool-backlog';
import { removeFolder, TOUCH_EVERY_MS } from './spool-folder';
import type { Shared, ShippingEvents, ShippingSettings } from './shipping-settings';
import { Unshipped } from './unshipped';
import { within } from './within';

/** How often the command app is told how the recorder is, and folders of dead processes are looked for. */
const HEARTBEAT_MS = 10_000;
/** The longest the end waits for the structured log, and for the last heartbeat. */
const LAST_TIMEOUT_MS = 2_000;
/** The longest a process that ends by itself waits for its heartbeat. */
const GOODBYE_TIMEOUT_MS = 1_000;
/** How often payloads are looked for that nobody was woken for. */
const PAYLOADS_EVERY_MS = 1_000;
/** Payloads that are counted in the folder of a dead process. */
const MOST_LEFT_PAYLOADS = 100_000;

/**
 * Everything behind the recorder's calls: ships the backlog, writes the structured log, tells the command app how the
 * recorder is, and adopts what dead processes left. Runs in a thread of its own, or beside a sink of the service.
 */
export class Shipping {
  readonly #announcer: Announcer;
  readonly #unshipped: Unshipped;
  readonly #backlog: Backlog;
  readonly #spool: SpoolBacklog | undefined;
  readonly #folder: OwnFolder | undefined;
  readonly #sink: Sink | undefined;
  readonly #shipper: Shipper | undefined;
  readonly #heartbeats: Heartbeats | undefined;
  readonly #adoption: Adoption | undefined;
  readonly #payloads: PayloadShipping | undefined;
  readonly #givenUp: GivenUp;
  readonly #timers: NodeJS.Timeout[] = [];
  #hurried = false;

  /** @param own a sink of the service, served from the ring */
  constructor(
    private readonly settings: ShippingSettings,
    private readonly shared: Shared,
    private readonly events: ShippingEvents,
    own?: Sink,
  ) {
    const { spool, structuredLog } = settings;
    this.#announcer = new Announcer(events.logger);
    this.#unshipped = new Unshipped(structuredLog, shared.control, this.#announcer);
    this.#givenUp = new GivenUp(shared.control);
    this.#folder = spool && new OwnFolder(spool.folder, shared.control, (closed) => this.#pulse(closed));
    const connection = own ? undefined : connectionOf(settings);
    if (connection && spool)
      this.#spool = new SpoolBacklog(
        { ...spool, onFault: (fault) => this.#damaged(fault) },
        shared.ring,
        shared.control,
        this.#givenUp,
      );
    this.#backlog = this.#spool ?? shared.ring;
    this.#heartbeats = connection && new Heartbeats(connection);
    this.#sink =
      own ?? (connection && new HttpSink({ ...connection, requestTimeoutMs: settings.requestTimeoutMs }));
    if (!this.#sink) return;
    this.#shipper = new Shipper(this.#backlog, this.#sink, settings, {
      settled: (batch, rejected) => this.#settled(batch, rejected),
      unavailable: (reason) => this.#unavailable(reason),
      failed: (reason) => this.#announcer.warn('checkpoint', () => say.checkpoint(reason)),
    });
    this.#payloads = this.#makePayloads(own, connection);
    if (spool) this.#adoption = this.#makeAdoption(spool.shared, this.#sink);
  }

  /** Begins with what goes on regularly. No timer keeps the process alive. */
  start(): void {
    const every = (ms: number, action: () => void): void =>
      void this.#timers.push(setInterval(action, ms).unref());
    const folder = this.#folder;
    if (this.#heartbeats) every(HEARTBEAT_MS, () => void this.#heartbeat(false));
    if (this.#adoption) every(HEARTBEAT_MS, () => this.#adoption?.look());
    if (folder) every(TOUCH_EVERY_MS, () => this.#touch(folder));
    if (this.#payloads) every(PAYLOADS_EVERY_MS, () => this.#payloads?.tick());
    if (this.#adoption) this.#adoption.look();
    else this.shared.control.setWord('adoption', ADOPTION.done);
    void this.#heartbeat(false);
  }

  /** Looks for what is new. Called often; what is to be done later is up to timers. */
  tick(): void {
    this.#unshipped.lost(this.shared.losses);
    this.#spool?.drainRing();
    this.#noteMemory();
    this.#shipper?.notify();
    this.#payloads?.tick();
    const hurried = this.shared.control.word('hurry') === 1;
    if (hurried !== this.#hurried) {
      this.#shipper?.hurry(hurried);
      this.#payloads?.hurry(hurried);
    }
    this.#hurried = hurried;
  }

  /** Says that the service ends, unless it records something after all. Never rejects. */
  goodbye(): Promise<void> {
    return within(this.#heartbeat(true), GOODBYE_TIMEOUT_MS);
  }

  /** Brings what is only in memory to the spool, or else to the structured log, before it returns. Nothing is shipped any more. */
  giveUp(): void {
    this.#shipper?.close();
    this.#payloads?.close();
    this.#spool?.retryNow();
    this.#spool?.drainRing();
    this.#unshipped.giveUp(this.#spool ? this.shared.ring : this.#backlog, this.#givenUp);
    this.events.progress();
    this.#unshipped.lost(this.shared.losses);
    this.#unshipped.log.drainSync();
    this.#folder?.remember(false);
    this.#noteMemory();
  }

  /** Gives up, says goodbye, and leaves the folder to others. Never rejects. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const left = this.#leftPayloads();
    this.#adoption?.close();
    this.giveUp();
    let told = this.#heartbeats === undefined;
    const telling = this.#heartbeat(true, left).then((taken) => void (told ||= taken));
    await within(Promise.all([telling, this.#unshipped.log.settled()]), LAST_TIMEOUT_MS);
    this.#unshipped.log.drainSync();
    this.#unshipped.log.close();
    this.#spool?.close();
    const { control, payloads } = this.shared;
    const isEmpty = control.queued + payloads.control.waiting === 0;
    this.#folder?.leave(this.settings.info.recorderId, isEmpty, told);
    this.#heartbeats?.close();
    this.#sink?.close();
  }

  #touch(folder: OwnFolder): void {
    folder.touch();
    this.#payloads?.touch();
    folder.remember(false);
  }

  /** Has the folder say that nothing is in memory only, as soon as that is so and all that was lost is written down. */
  #noteMemory(): void {
    const { control, ring } = this.shared;
    const folder = this.#folder;
    if (!this.#spool || !folder || !control.isMarked || ring.length > 0) return;
    folder.remember(false);
    this.#spool.noteEmpty(() => folder.isCurrent);
  }

  /** Over connections of their own: however long payloads take, events do not wait for them. */
  #makePayloads(
    own: Sink | undefined,
    connection: HttpConnectionOptions | undefined,
  ): PayloadShipping | undefined {
    const { settings, shared } = this;
    const { requestTimeoutMs } = settings;
    const target = connection ? new HttpPayloads({ ...connection, requestTimeoutMs }) : storing(own);
    return (
      target &&
      new PayloadShipping({
        shared: shared.payloads,
        target,
        settings,
        folder: settings.spool?.folder,
        announcer: this.#announcer,
        progress: () => this.events.progress(),
      })
    );
  }

  #makeAdoption(shared: string, sink: Sink): Adoption {
    const { info } = this.settings;
    const heartbeats = this.#heartbeats;
    return new Adoption({
      shared,
      sink,
      heartbeats,
      service: info.service,
      settings: this.settings,
      onFault: (fault) => this.#damaged(fault),
      onState: (busy) => this.#adopting(busy),
      answered: (folder) => (this.#payloads ? this.#payloads.adopt(folder) : removeFolder(folder.path)),
      events: {
        settled: (batch, rejected) => {
          this.shared.control.add('adopted', batch.length);
          this.#unshipped.rejected(batch, rejected);
        },
        unavailable: (reason) => this.#unavailable(reason),
        failed: (reason) => this.#announcer.warn('checkpoint', () => say.checkpoint(reason)),
      },
    });
  }

  #settled(batch: readonly OutgoingEvent[], rejected: readonly RejectedEvent[]): void {
    const { control } = this.shared;
    if (batch.length > 0) control.setWord('connected', 1);
    control.add('acknowledged', batch.length - rejected.length);
    control.add('rejected', rejected.length);
    control.add('settled', batch.length);
    this.#unshipped.rejected(batch, rejected);
    this.#noteMemory();
    this.events.progress();
  }

  #unavailable(reason: string): void {
    const { control } = this.shared;
    control.setWord('connected', -1);
    this.events.unavailable(reason);
    this.#announcer.warn('unavailable', () =>
      say.unavailable(this.#sink?.target ?? '', reason, control.queued),
    );
  }

  #adopting(busy: boolean): void {
    this.shared.control.setWord('adoption', busy ? ADOPTION.shipping : ADOPTION.done);
    // At once, so that nobody misses payloads that are in its hands now.
    if (busy) void this.#heartbeat(false);
  }

  async #heartbeat(closed: boolean, left = this.#leftPayloads()): Promise<boolean> {
    const payloads = this.#payloads && this.shared.payloads.control.waiting + left;
    const pulse = this.#pulse(closed);
    const isTaken = (await this.#heartbeats?.send(this.settings.info, { ...pulse, payloads })) === 'taken';
    if (isTaken && closed) this.shared.control.set('told', pulse.highestSequence);
    return isTaken;
  }

  /** Payloads that dead processes left, and that it has taken over. */
  #leftPayloads(): number {
    const folders = new Set([this.#adoption?.path, ...(this.#payloads?.left ?? [])]);
    return [...folders].reduce(
      (sum, path) => sum + (path === undefined ? 0 : countPayloads(path, MOST_LEFT_PAYLOADS)),
      0,
    );
  }

  #pulse(closed: boolean): Pulse {
    const { control, ring } = this.shared;
    // The recorder goes on meanwhile: its last sequence is read last, so that it is above all that is told beside it.
    const { queued } = control;
    const lost = control.allLostRanges();
    return {
      highestSequence: control.get('sequence'),
      queued,
      spooled: this.#spool ? queued - Math.min(queued, ring.length) : 0,
      lost,
      mainThreadAgeMs: Math.max(0, timeNow() - control.get('beat')),
      closed,
    };
  }

  #damaged(fault: JournalFault): void {
    this.shared.control.add('damaged', 1);
    this.#announcer.warn(`damaged ${fault.file}`, () => say.damaged(fault));
  }
}

/** A sink that stores payloads. */
function storing(sink: Sink | undefined): PayloadTarget | undefined {
  const store = sink?.storePayload?.bind(sink);
  return sink && store && { target: sink.target, storePayload: store, close: () => undefined };
}

function connectionOf({ endpoint, token, info }: ShippingSettings): HttpConnectionOptions | undefined {
  return endpoint === undefined ? undefined : { endpoint: new URL(endpoint), token, service: info.service };
}
