import {
  recorderEnd,
  thisProcess,
  writeRecorderLast,
  type JournalFault,
  type RecorderInfo,
} from '@factflow/journal';
import { formatTime, timeNow } from '@factflow/domain';
import type { Heartbeats } from './heartbeats';
import { Shipper, type ShipperEvents, type ShipperSettings } from './shipper';
import type { Sink } from './sink';
import { LeftBacklog } from './spool-backlog';
import { adoptFolder, releaseFolder, touchFolder, type AdoptedFolder } from './spool-folder';

/** Read ahead of what a dead process left. */
const BOUNDS = { maxEvents: 5_000, maxBytes: 4 * 1024 * 1024 };

export interface AdoptionParts {
  /** the folder of this service and endpoint */
  readonly shared: string;
  readonly service: string;
  readonly settings: ShipperSettings;
  readonly sink: Sink;
  readonly heartbeats: Heartbeats | undefined;
  readonly events: ShipperEvents;
  onFault(fault: JournalFault): void;
  /** whether something is being shipped, or said of a recorder whose spool was */
  onState(busy: boolean): void;
  /** A folder whose events are answered: to be removed as soon as nothing else is to be had of it. */
  answered(folder: AdoptedFolder): void;
}

/** Ships what dead processes of the same service and endpoint left, one folder after the other, as their recorders would have. */
export class Adoption {
  #folder: AdoptedFolder | undefined;
  #shipper: Shipper | undefined;
  #highest = 0;

  constructor(private readonly parts: AdoptionParts) {}

  /** The folder whose events are being shipped. */
  get path(): string | undefined {
    return this.#folder?.path;
  }

  /** Looks for a folder, if none is being shipped. Called every now and then. */
  look(): void {
    if (this.#folder) {
      touchFolder(this.#folder.path);
      this.#shipper?.notify();
      return;
    }
    const folder = adoptFolder(this.parts.shared, thisProcess());
    this.#folder = folder;
    this.parts.onState(folder !== undefined);
    if (folder) this.#ship(folder);
  }

  /** Leaves a folder that is not shipped yet to somebody else. */
  close(): void {
    this.#shipper?.close();
    if (this.#folder) releaseFolder(this.#folder.path, this.#folder.recorderId);
    this.#folder = undefined;
    this.parts.onState(false);
  }

  #ship(folder: AdoptedFolder): void {
    const { settings, sink, events, onFault } = this.parts;
    const { batch } = settings;
    const bounds = {
      maxEvents: Math.min(BOUNDS.maxEvents, batch.maxEvents),
      maxBytes: Math.min(BOUNDS.maxBytes, batch.maxBytes),
    };
    const backlog = new LeftBacklog(folder.path, onFault, bounds);
    [this.#folder, this.#highest] = [folder, 0];
    if (backlog.length === 0) return void (backlog.blocked ? this.close() : this.#done(folder, backlog));
    const shipper = new Shipper(
      backlog,
      sink,
      { ...settings, batch: { ...batch, ...bounds } },
      {
        ...events,
        settled: (sent, rejected) => {
          this.#highest = Math.max(this.#highest, sent.at(-1)?.sequence ?? 0);
          events.settled(sent, rejected);
          if (backlog.length > 0) return;
          shipper.close();
          if (backlog.blocked) this.close();
          else void this.#done(folder, backlog);
        },
      },
    );
    this.#shipper = shipper;
    shipper.notify();
  }

  /**
   * Tells how far the recorder came, then takes its folder away: whoever goes on here when this process ends can tell as well, and so
   * does whoever looks next where there was no answer.
   */
  async #done(folder: AdoptedFolder, { endsDamaged }: LeftBacklog): Promise<void> {
    const isTold = await this.#tell(folder, endsDamaged);
    if (this.#folder !== folder) return;
    if (!isTold) return this.close();
    this.parts.answered(folder);
    [this.#folder, this.#shipper] = [undefined, undefined];
    this.look();
  }

  /** Says that the recorder is over, even where nothing of it was left: its last heartbeat said otherwise. Never rejects. */
  async #tell({ path, recorderId, seenAt, info }: AdoptedFolder, isDamaged: boolean): Promise<boolean> {
    const { heartbeats, service } = this.parts;
    const end = recorderEnd(path, { highest: this.#highest, isDamaged });
    try {
      writeRecorderLast(path, end);
    } catch {
      // It is told now, if this process lives so long.
    }
    const known: RecorderInfo = {
      recorderId,
      service: info.service ?? service,
      host: info.host ?? '',
      // There is no such process any more: so that nobody takes the recorder for alive because it is spoken of.
      pid: 0,
      startedAt: info.startedAt ?? formatTime(Math.floor(seenAt)),
    };
    // Closed only if it said so: what a process that was killed left pending stays stalled.
    const told = await heartbeats?.send(known, {
      highestSequence: end.highestSequence,
      queued: 0,
      spooled: 0,
      lost: end.lost,
      mainThreadAgeMs: Math.max(0, timeNow() - seenAt),
      closed: end.closed,
      // Who has taken them over counts them now.
      payloads: 0,
    });
    return told !== 'unanswered';
  }
}
