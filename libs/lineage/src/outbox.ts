import { PayloadOutbox } from './capture/payload-outbox';
import * as sayOfPayloads from './capture/payload-messages';
import type { Intake, Queue } from './backlog';
import { Control } from './control';
import { EventBuffer } from './event-buffer';
import { targetOf } from './http-connection';
import type { Announcer } from './logger';
import { Losses } from './losses';
import * as say from './messages';
import type { Settings } from './options';
import { unwatchExit, watchExit, type Exiting } from './process-exit';
import { SharedRing } from './shared-ring';
import type { FlushResult, OutboxStatus } from './outbox-status';
import { shippingSettings, type Shared, type ShippingSettings } from './shipping-settings';
import { LocalShipping, RemoteShipping, type ShippingHost } from './shipping-host';
import { countedOf, sayLeft } from './say-left';
import { Spool, type SpoolMode } from './spool';
import { leftFolder, removeFolder } from './spool-folder';
import { Waiting } from './waiting';
import { findWorkerFile } from './worker-host';

/** A wait that is not over by then is announced. */
const ANNOUNCE_AFTER_MS = 500;
const BEAT_MS = 250;
/** Events on their way to the structured log: what does not fit is counted only. */
const LOSSES = { maxEvents: 100_000, maxBytes: 4 * 1024 * 1024 };
/** The longest the end of the process waits for the structured log. */
const LOG_TIMEOUT_MS = 2_000;

/** Everything behind the recorder's calls, as far as the recorder's own thread does it: takes facts in, and asks how it goes. */
export class Outbox implements Exiting {
  readonly target: string | undefined;
  readonly payloads: PayloadOutbox;
  readonly #shared: Shared;
  readonly #intake: Intake;
  readonly #spool: Spool | undefined;
  readonly #shippingSettings: ShippingSettings;
  readonly #host: ShippingHost;
  readonly #losses: Losses;
  readonly #waiting: Waiting;
  #beat: NodeJS.Timeout | undefined;
  #started = false;
  #closed = false;
  #lastError: { message: string; at: Date } | null = null;
  #flushedAtExit = 0;
  /** how many events had an answer when a flush ended before all had one */
  #waitedInVain: number | undefined;
  /** where the spool was left when the recorder closed */
  #leftFolder: string | undefined;

  constructor(
    recorderId: string,
    private readonly settings: Settings,
    private readonly announcer: Announcer,
  ) {
    const { sink, endpoint, buffer } = settings;
    this.target = sink?.target ?? (endpoint && targetOf(endpoint));
    this.#shippingSettings = shippingSettings(recorderId, settings, this.target);
    const worker = sink ? undefined : findWorkerFile(settings.workerFile);
    const makeQueue = (bounds: typeof buffer): Queue =>
      worker ? new SharedRing(bounds) : new EventBuffer(bounds);
    const [control, ring, losses] = [new Control(), makeQueue(buffer), makeQueue(LOSSES)];
    this.#spool = this.#makeSpool(ring, control);
    this.payloads = this.#makePayloads(worker !== undefined);
    this.#shared = { control, ring, losses, payloads: this.payloads.shared };
    this.#losses = new Losses(this.#shared, settings.structuredLog, announcer);
    this.#intake = this.#spool ?? this.#shared.ring;
    this.#host = this.#makeHost(worker);
    this.#waiting = new Waiting(control, this.payloads.control, () => this.#host.signal());
    if (this.target !== undefined) setImmediate(() => this.#start()).unref();
  }

  /** @param sequence the event's place in the recorder's sequence @param line the event as it travels */
  add(sequence: number, line: string): void {
    const { control } = this.#shared;
    if (!this.#started) this.#start();
    control.made(sequence);
    if (this.target === undefined || this.#closed) return this.#lose(sequence, line);
    if (this.#intake.push(line)) control.took();
    else {
      this.#lose(sequence, line);
      this.#losses.sayOverflow(sequence);
    }
    this.#host.signal();
  }

  status(): OutboxStatus {
    const { control, ring } = this.#shared;
    const connected = control.word('connected');
    const { queued } = control;
    const atRisk = Math.min(queued, ring.length);
    const spooledBytes = this.#spool && queued > 0 ? control.spoolBytes : 0;
    return {
      queued,
      queuedBytes: ring.bytes + spooledBytes,
      spooled: queued - atRisk,
      spooledBytes,
      atRisk,
      acknowledged: control.get('acknowledged'),
      rejected: control.get('rejected'),
      lost: control.allLost,
      lostRanges: control.allLostRanges(),
      unlogged: control.allUnlogged,
      adopted: control.get('adopted'),
      damaged: control.get('damaged'),
      connected: connected === 0 ? null : connected > 0,
      lastError: this.#lastError,
      state: this.#state(connected),
      spoolFolder: (this.#closed ? this.#leftFolder : this.#spoolFolder) ?? null,
      workerRestarts: this.#host.restarts,
      payloads: this.payloads.status(),
      mainThreadAgeMs: this.#beat && !this.#closed ? Math.max(0, Date.now() - control.get('beat')) : 0,
    };
  }

  /** Resolves when what is queued now has been answered, or the time is over; says that it waits. Never rejects. */
  async flush(timeoutMs: number): Promise<FlushResult> {
    const { control } = this.#shared;
    const { control: payloads } = this.payloads;
    let isAnswered = true;
    if (control.queued + payloads.waiting > 0) {
      const announcement = setTimeout(
        () =>
          this.announcer.say(
            say.waiting(timeoutMs, this.target ?? 'nowhere', control.queued, payloads.waiting),
          ),
        control.word('connected') === -1 ? 0 : Math.min(ANNOUNCE_AFTER_MS, timeoutMs),
      );
      isAnswered = await this.#waiting.forAnswers(timeoutMs, 'all');
      clearTimeout(announcement);
      this.#waitedInVain = isAnswered ? undefined : this.#answered;
    }
    return this.#flushed(isAnswered);
  }

  /** Resolves when the events queued now have been answered, or the time is over. @returns whether they have */
  async settle(timeoutMs: number): Promise<boolean> {
    return this.#shared.control.queued === 0 || this.#waiting.forAnswers(timeoutMs, 'events');
  }

  /** Flushes, and has what dead processes left shipped in the time that is left: this process may be a short one. */
  async #flushAll(timeoutMs: number): Promise<FlushResult> {
    const start = performance.now();
    const result = await this.flush(timeoutMs);
    if (this.#started && this.#shippingSettings.spool && result.queued === 0)
      await this.#waiting.forAdoption(timeoutMs - (performance.now() - start));
    return result;
  }

  #flushed(isAnswered: boolean): FlushResult {
    const { queued, allLost } = this.#shared.control;
    return { complete: isAnswered && allLost + this.payloads.status().lost === 0, queued };
  }

  /** events and payloads that have had an answer */
  get #answered(): number {
    return this.#shared.control.get('settled') + this.payloads.control.settled;
  }

  /**
   * Flushes, then leaves what is left in the spool, or hands it to the structured log, and every later event. Where a flush
   * has waited in vain, and nothing was answered since, there is nothing more to wait for.
   */
  async close(timeoutMs: number): Promise<FlushResult> {
    const isVain = this.#waitedInVain === this.#answered;
    const result = await (isVain ? this.#flushed(false) : this.#flushAll(timeoutMs));
    this.#closed = true;
    this.payloads.close();
    this.#spool?.close();
    const before = countedOf(this.#shared.control);
    if (this.#started && !(await this.#host.close())) this.#stuck();
    else sayLeft(this.announcer, this.#shared.control, before, this.#shippingSettings);
    this.#sayPayloadsLeft();
    this.#leftFolder = leftFolder(this.#shippingSettings);
    clearInterval(this.#beat);
    if (!this.#losses.isWriting) unwatchExit(this);
    return result;
  }

  beforeExit(): void {
    const sequence = this.#shared.control.get('sequence');
    if (this.#closed || this.#flushedAtExit === sequence) return;
    this.#flushedAtExit = sequence;
    void this.#flushAll(this.settings.flushTimeoutMs).then(() => this.#host.goodbye());
  }

  exit(): void {
    this.#losses.drainSync();
    if (this.#closed || !this.#started) return;
    const { control, ring, losses } = this.#shared;
    const before = countedOf(this.#shared.control);
    this.#spool?.close();
    const inMemory = ring.length + losses.length;
    const held = this.payloads.shared.held?.length ?? 0;
    if (inMemory + held > 0 && !this.#host.giveUpSync(LOG_TIMEOUT_MS))
      this.announcer.say(say.unlogged(inMemory, this.settings.structuredLog, 'there was no time left'));
    sayLeft(this.announcer, this.#shared.control, before, this.#shippingSettings);
    this.#sayPayloadsLeft();
    if (this.#spoolFolder !== undefined && control.queued + this.payloads.control.waiting === 0)
      removeFolder(this.#spoolFolder);
  }

  get #spoolFolder(): string | undefined {
    const unused: SpoolMode[] = ['open', 'none'];
    return this.#spool && !unused.includes(this.#spool.mode)
      ? this.#shippingSettings.spool?.folder
      : undefined;
  }

  #state(connected: number): OutboxStatus['state'] {
    if (this.#closed) return 'closed';
    if (this.#waiting.isBusy) return 'draining';
    const mode = this.#spool?.mode;
    if (mode === 'full' || mode === 'backing off') return mode;
    if (connected < 0) return 'backing off';
    return this.#shared.control.get('sequence') > 0 ? 'shipping' : 'open';
  }

  #start(): void {
    if (this.#started || this.#closed) return;
    this.#started = true;
    watchExit(this);
    const { control } = this.#shared;
    const beat = (): void => control.set('beat', Date.now());
    beat();
    this.#beat = setInterval(beat, BEAT_MS).unref();
    this.#host.start();
  }

  #makePayloads(shared: boolean): PayloadOutbox {
    const { settings, target, announcer } = this;
    const spool = this.#spool;
    const folder = this.#shippingSettings.spool?.folder;
    const { maxBytes } = settings.capture.spool;
    return new PayloadOutbox({
      sink: settings.sink,
      target,
      spool: spool && folder !== undefined ? { folder, maxBytes, open: () => spool.open() } : undefined,
      maxHeldBytes: settings.buffer.maxBytes,
      shared,
      announcer,
    });
  }

  #makeSpool(ring: Queue, control: Control): Spool | undefined {
    const { spool, info } = this.#shippingSettings;
    if (!spool) return undefined;
    return new Spool({ ...spool, info }, ring, control, {
      unusable: (reason) => this.announcer.warn('spool', () => say.spoolUnusable(reason)),
      detour: (mode, reason) => this.announcer.warn(mode, () => say.spoolDetour(mode, reason, spool.folder)),
    });
  }

  #makeHost(worker: string | undefined): ShippingHost {
    const events = {
      logger: {
        log: (text: string) => this.announcer.say(text),
        warn: (text: string) => this.announcer.pass(text),
      },
      unavailable: (message: string) => {
        this.#lastError = { message, at: new Date() };
      },
      progress: () => this.#waiting.look(),
    };
    const { sink } = this.settings;
    if (worker)
      return new RemoteShipping(worker, this.#shippingSettings, this.#shared, events, this.announcer);
    if (!sink && this.target !== undefined)
      this.announcer.warn('worker', () =>
        say.workerMissing(this.settings.workerFile ?? 'shipper.worker.mjs'),
      );
    return new LocalShipping(this.#shippingSettings, this.#shared, events, sink);
  }

  #lose(sequence: number, line: string): void {
    if (!this.#closed) {
      this.#losses.add(sequence, line);
      return this.#host.signal();
    }
    this.#losses.addLate(sequence, line);
    if (this.#losses.isWriting) watchExit(this);
  }

  /** The other thread waits for something that this one must not wait for as well. */
  #stuck(): void {
    const { ring, losses } = this.#shared;
    this.#losses.abandon();
    this.announcer.say(say.workerStuck(ring.length + losses.length, this.settings.structuredLog));
  }

  #sayPayloadsLeft(): void {
    const { waiting } = this.payloads.control;
    const folder = this.#shippingSettings.spool?.shared;
    if (folder !== undefined && waiting > 0) this.announcer.say(sayOfPayloads.leftInSpool(waiting, folder));
  }
}
