import { writeRecorderLast } from '@factflow/journal';
import { SPOOL, type Control } from './control';
import type { Pulse } from './heartbeats';
import { releaseFolder, removeFolder, touchFolder } from './spool-folder';

/** The folder of a recorder's spool while its process lives: what others are told by it, and how it is left to them. */
export class OwnFolder {
  /** lost events that are written down */
  #remembered = 0;

  /** @param pulse what the recorder is like now */
  constructor(
    private readonly path: string,
    private readonly control: Control,
    private readonly pulse: (closed: boolean) => Pulse,
  ) {}

  /** Shows that the owner lives. A folder that was made and is no longer there was removed, or adopted by somebody who took it for dead. */
  touch(): void {
    if (!touchFolder(this.path) && this.control.word('segment') > 0)
      this.control.setWord('spool', SPOOL.gone);
  }

  /** Writes down what was lost, for whoever ships the spool when this process cannot tell any more. */
  remember(closed: boolean): void {
    const lost = this.control.allLost;
    if (lost === this.#remembered && !closed) return;
    try {
      const { highestSequence, lost: ranges } = this.pulse(closed);
      writeRecorderLast(this.path, { highestSequence, lost: ranges, closed });
      this.#remembered = lost;
    } catch {
      // Tried again while the service lives; a folder that is gone has nothing to ship.
    }
  }

  /**
   * Leaves it to whoever comes next. Empty, it is of no use to anybody, unless it tells of losses that nobody knows of yet.
   * @param told whether the command app knows what was lost
   */
  leave(recorderId: string, isEmpty: boolean, told: boolean): void {
    this.remember(true);
    const silent = this.#remembered > 0 && !told;
    if (isEmpty && !silent) removeFolder(this.path);
    else releaseFolder(this.path, recorderId);
  }
}
