import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PAYLOAD_DISK, type PayloadControl } from './payload-control';

const PROBE_EVERY_MS = 1_000;
const SLOW_MS = 50;
/** The most that is written to try a disk. */
const MAX_BYTES = 1024 * 1024;

/** Tries a disk on which a payload was slow, from the other thread, and has payloads kept again when it is fast. */
export class DiskProbe {
  #probing = false;
  #probedAt = -Infinity;

  constructor(
    private readonly folder: string,
    private readonly control: PayloadControl,
  ) {}

  tick(now = performance.now()): void {
    if (this.control.disk === PAYLOAD_DISK.fine || this.#probing) return;
    if (now - this.#probedAt < PROBE_EVERY_MS) return;
    this.#probing = true;
    void this.#probe().then((isFast) => {
      if (isFast) this.control.disk = PAYLOAD_DISK.fine;
      [this.#probing, this.#probedAt] = [false, performance.now()];
    });
  }

  /** As a payload is written, and as much as the slow one had. */
  async #probe(): Promise<boolean> {
    const path = join(this.folder, 'probe');
    const bytes = Buffer.alloc(Math.min(this.control.get('slowBytes'), MAX_BYTES));
    try {
      await mkdir(this.folder, { mode: 0o700 }).catch(() => undefined);
      await rm(`${path}.new`, { force: true });
      const before = performance.now();
      const file = await open(`${path}.new`, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
      const took = performance.now() - before;
      await rm(path, { force: true });
      return took <= SLOW_MS;
    } catch {
      return false;
    }
  }
}
