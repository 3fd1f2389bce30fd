import { createHash } from 'node:crypto';
import { v7 } from 'uuid';

/** Numbers, ids and hashes that are the same for the same seed (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** in [0, 1) */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** a whole number from `min` to `max`, both included */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A version 7 id of a time. */
  id(ms: number): string {
    return v7({ msecs: ms, random: Uint8Array.from({ length: 16 }, () => this.between(0, 255)) });
  }

  /** As the library writes it. */
  hash(): string {
    return `sha256:${createHash('sha256').update(String(this.next())).digest('hex')}`;
  }
}
