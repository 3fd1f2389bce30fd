import type { ListedPayload, PayloadStore } from '@factflow/payloads';
import {
  contentTypeOf,
  enterPayload,
  forgetPayloads,
  markUnnamed,
  payloadKeys,
  removeUnnamed,
} from '@factflow/store';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { counted, DEFAULT_CONTENT_TYPE } from '@factflow/domain';
import type { DataSource } from 'typeorm';
import { PayloadMetrics } from '../payloads/payload-metrics';
import { PAYLOAD_STORE } from '../payloads/payload-options';
import { MaintenanceSource } from './maintenance-source';
import { Rounds } from './rounds';

const DAY_MS = 24 * 3600 * 1000;
/** Rows looked at in one statement. */
const PAGE = 500;
/** Payloads removed while uploads wait for it. */
const REMOVED_AT_ONCE = 50;
/** Bytes younger than this may be of an upload that has not come to its row yet; it says itself that they are new. */
const YOUNG_MS = 3600 * 1000;

/**
 * Keeps the payload store and its table in step. Payloads that no record names are marked, and removed a day later; bytes
 * without a row, which a crash leaves, get one and go the same way; rows without bytes, which somebody else removed, go.
 * Of several apps each may do all of it: whatever they do is asked again under a lock.
 */
@Injectable()
export class PayloadCare implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Payloads');
  private readonly rounds = new Rounds('look after payloads', this.logger, (signal) => this.round(signal));
  private comparedAt = -Infinity;

  constructor(
    private readonly source: MaintenanceSource,
    private readonly metrics: PayloadMetrics,
    @Inject(PAYLOAD_STORE) private readonly store: PayloadStore,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  private async round(signal: AbortSignal): Promise<void> {
    const dataSource = await this.source.open();
    await this.mark(dataSource, signal);
    await this.remove(dataSource, signal);
    const now = Date.now();
    if (signal.aborted || now - this.comparedAt < DAY_MS) return;
    await this.store.removeLeftovers(now - DAY_MS);
    await this.compare(dataSource, signal);
    this.comparedAt = now;
  }

  private async mark(dataSource: DataSource, signal: AbortSignal): Promise<void> {
    for (let after: string | undefined = ''; after !== undefined && !signal.aborted;)
      after = (await markUnnamed(dataSource, after, PAGE)).last;
  }

  private async remove(dataSource: DataSource, signal: AbortSignal): Promise<void> {
    const limits = { graceMs: DAY_MS, limit: REMOVED_AT_ONCE };
    for (let more = true; more && !signal.aborted;) {
      const removed = await removeUnnamed(dataSource, limits, (key) => this.store.delete(key));
      this.metrics.hasRemoved(removed);
      more = removed.payloads === REMOVED_AT_ONCE;
      if (removed.payloads > 0)
        this.logger.log(`removed ${counted(removed.payloads, 'payload')} that no record had named for a day`);
    }
  }

  /** Goes through the store and the table side by side, in the order of the keys. */
  private async compare(dataSource: DataSource, signal: AbortSignal): Promise<void> {
    let after = '';
    let listed: ListedPayload[] = [];
    const step = async (until: string | null): Promise<void> => {
      await this.compareStretch(dataSource, { after, until }, listed);
      after = until ?? after;
      listed = [];
    };
    for await (const payload of this.store.list()) {
      if (signal.aborted) return;
      listed.push(payload);
      if (listed.length === PAGE) await step(payload.key);
    }
    if (!signal.aborted) await step(null);
  }

  private async compareStretch(
    dataSource: DataSource,
    stretch: { after: string; until: string | null },
    listed: readonly ListedPayload[],
  ): Promise<void> {
    const stored = new Set(listed.map(({ key }) => key));
    const known = new Set<string>();
    const before = Date.now() - YOUNG_MS;
    for (let { after } = stretch, more = true; more;) {
      const rows = await payloadKeys(dataSource, { ...stretch, after, limit: REMOVED_AT_ONCE });
      for (const { key } of rows) known.add(key);
      const lost = rows.filter(({ key, storedAt }) => !stored.has(key) && storedAt < before);
      if (lost.length > 0)
        await this.forget(
          dataSource,
          lost.map(({ key }) => key),
        );
      after = rows.at(-1)?.key ?? after;
      more = rows.length === REMOVED_AT_ONCE;
    }
    for (const { key, storedAt } of listed)
      if (!known.has(key) && storedAt < before) await this.adopt(dataSource, key);
  }

  private async forget(dataSource: DataSource, keys: readonly string[]): Promise<void> {
    const forgotten = await forgetPayloads(dataSource, keys, this.has);
    this.metrics.lost.inc(forgotten.length);
    const [one] = forgotten;
    if (one)
      this.logger.warn(
        `gone from ${this.store.name}: ${counted(forgotten.length, 'payload')}, such as ${one}`,
      );
  }

  /** What nobody names is marked in the next round. */
  private async adopt(dataSource: DataSource, key: string): Promise<void> {
    const stored = await this.store.head(key);
    if (!stored) return;
    const contentType = (await contentTypeOf(dataSource, key)) ?? DEFAULT_CONTENT_TYPE;
    const outcome = await enterPayload(dataSource, { ...stored, contentType }, () => this.has(key));
    if (outcome === 'stored') this.metrics.found.inc();
  }

  private has = async (key: string): Promise<boolean> => (await this.store.head(key)) !== undefined;
}
