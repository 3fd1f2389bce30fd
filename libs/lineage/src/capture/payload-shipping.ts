import { hasPayloads, payloadFolder } from '@factflow/journal';
import type { Announcer } from '../logger';
import { releaseFolder, removeFolder, touchFolder } from '../spool-folder';
import type { OutgoingPayload } from '../sink';
import { DiskProbe } from './disk-probe';
import type { PayloadControl } from './payload-control';
import * as say from './payload-messages';
import type { PayloadQueue } from './payload-queue';
import { PayloadFolder, PayloadHeld } from './payload-sources';
import {
  PayloadUploader,
  type PayloadTarget,
  type UploaderEvents,
  type UploaderSettings,
} from './payload-uploader';

/** How often what waits is looked for again, whatever became of it. */
const LOOK_EVERY_MS = 10_000;

/** What both sides share of payloads. */
export interface PayloadShared {
  readonly control: PayloadControl;
  /** payloads that are not on disk, where there is no spool */
  readonly held: PayloadQueue | undefined;
}

export interface PayloadShippingParts {
  readonly shared: PayloadShared;
  readonly target: PayloadTarget;
  readonly settings: UploaderSettings;
  /** the folder of this recorder; undefined where there is no spool */
  readonly folder: string | undefined;
  readonly announcer: Announcer;
  /** something was stored or given up */
  progress(): void;
}

/** The folder of a dead process whose events are answered. */
export interface LeftFolder {
  readonly path: string;
  readonly recorderId: string;
}

/**
 * Has payloads stored that the recorder captured, and those that dead processes left, beside the events and at their
 * own pace: nothing here holds up an event. Nothing throws.
 */
export class PayloadShipping {
  readonly #folder: PayloadFolder | undefined;
  readonly #uploader: PayloadUploader;
  readonly #probe: DiskProbe | undefined;
  readonly #left: LeftFolder[] = [];
  #leftUploader: PayloadUploader | undefined;
  #leftSource: PayloadFolder | undefined;
  #hurried = false;
  #lookedAt = 0;
  /** captured when the folder was last looked at */
  #seen = -1;

  constructor(private readonly parts: PayloadShippingParts) {
    const { shared, folder } = parts;
    this.#folder = folder === undefined ? undefined : new PayloadFolder(folder);
    this.#probe = folder === undefined ? undefined : new DiskProbe(payloadFolder(folder), shared.control);
    const source = this.#folder ?? (shared.held && new PayloadHeld(shared.held));
    this.#uploader = this.#uploaderOf(source ?? { atOnce: 0, next: () => undefined, done: () => undefined }, {
      stored: (payload) => this.#settled('stored', payload),
      refused: (payload, reason) => {
        this.#settled('lost', payload);
        this.#refused(payload, reason);
      },
      idle: () => this.#findMissing(),
    });
  }

  /** Looks for what is new. Called often. */
  tick(): void {
    const { control } = this.parts.shared;
    const captured = control.get('captured');
    const isLong = performance.now() - this.#lookedAt > LOOK_EVERY_MS;
    if (captured !== this.#seen || (isLong && control.waiting > 0)) {
      [this.#seen, this.#lookedAt] = [captured, performance.now()];
      this.#folder?.look();
      this.#uploader.notify();
    }
    this.#probe?.tick();
  }

  /** Somebody waits for a flush, or nobody any more. */
  hurry(hurried: boolean): void {
    if (hurried === this.#hurried) return;
    this.#hurried = hurried;
    this.#uploader.hurry(hurried);
  }

  /** Takes a folder over whose events are answered, and removes it as soon as its payloads are as well. */
  adopt(folder: LeftFolder): void {
    if (!hasPayloads(folder.path)) return removeFolder(folder.path);
    this.#left.push(folder);
    this.parts.shared.control.left = this.#left.length;
    if (this.#left.length === 1) this.#shipLeft(folder);
  }

  /** Folders it took over, and has not been rid of yet. */
  get left(): readonly string[] {
    return this.#left.map(({ path }) => path);
  }

  /** Shows others that the folders it took over are in hands. Called every few seconds. */
  touch(): void {
    for (const { path } of this.#left) touchFolder(path);
    this.#leftSource?.look();
    this.#leftUploader?.notify();
  }

  /** Ends, and gives up what is in memory only. What is on disk stays there for others. */
  close(): void {
    const { control, held } = this.parts.shared;
    this.#uploader.close();
    this.#leftUploader?.close();
    this.#leftSource?.close();
    this.#folder?.close();
    this.parts.target.close();
    for (const { path, recorderId } of this.#left.splice(0)) releaseFolder(path, recorderId);
    const inMemory = held?.length ?? 0;
    if (inMemory === 0) return;
    for (let left = inMemory; left > 0; left -= 1) held?.drop();
    control.add('lost', inMemory);
    control.set('settledBytes', control.get('capturedBytes'));
    this.parts.announcer.warn('payloads lost', () =>
      say.lost(inMemory, 'the service ended, and there is no spool'),
    );
    this.parts.progress();
  }

  #uploaderOf(
    source: ConstructorParameters<typeof PayloadUploader>[0],
    events: Omit<UploaderEvents, 'unavailable'>,
  ): PayloadUploader {
    const { target, settings, announcer, shared } = this.parts;
    return new PayloadUploader(source, target, settings, {
      ...events,
      unavailable: (reason) =>
        announcer.warn('payloads unavailable', () =>
          say.unavailable(target.target, reason, shared.control.waiting),
        ),
    });
  }

  #settled(how: 'stored' | 'lost', { bytes }: OutgoingPayload): void {
    const { control } = this.parts.shared;
    control.add('settledBytes', bytes);
    control.add(how, 1);
    this.parts.progress();
  }

  #refused({ key }: OutgoingPayload, reason: string): void {
    const { announcer, shared } = this.parts;
    announcer.warn('payload refused', () =>
      say.refused(key, reason, Math.max(1, shared.control.get('lost'))),
    );
  }

  /** What was captured, was not answered, and is not in the folder is gone: somebody removed it. */
  #findMissing(): void {
    const { control } = this.parts.shared;
    const missing = control.waiting;
    if (missing === 0 || !this.#folder?.isEmpty || control.get('captured') !== this.#seen) return;
    control.add('lost', missing);
    control.set('settledBytes', control.get('capturedBytes'));
    this.parts.announcer.warn('payloads lost', () => say.lost(missing, 'their files are gone'));
    this.parts.progress();
  }

  #shipLeft(folder: LeftFolder): void {
    const { control } = this.parts.shared;
    const source = new PayloadFolder(folder.path);
    const uploader = this.#uploaderOf(source, {
      stored: () => control.add('adopted', 1),
      refused: (payload, reason) => {
        control.add('adopted', 1);
        this.#refused(payload, reason);
      },
      idle: () => {
        // What cannot be read now may be readable later.
        if (this.#leftUploader !== uploader || !source.isEmpty) return;
        uploader.close();
        removeFolder(folder.path);
        this.#left.shift();
        control.left = this.#left.length;
        [this.#leftUploader, this.#leftSource] = [undefined, undefined];
        const [next] = this.#left;
        if (next) this.#shipLeft(next);
      },
    });
    [this.#leftUploader, this.#leftSource] = [uploader, source];
    uploader.notify();
  }
}
