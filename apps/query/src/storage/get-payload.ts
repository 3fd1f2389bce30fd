import { DEFAULT_CONTENT_TYPE } from '@factflow/domain';
import { unreadableReason, type PayloadStore } from '@factflow/payloads';
import type { Statement } from '@factflow/store';
import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { QueryError } from '../database/query-error';
import { PAYLOAD_STORE } from './payload-store';

/** What is known of bytes that are in the store. */
export interface PayloadFacts {
  readonly key: string;
  readonly bytes: number;
  readonly contentType: string;
}

/** Bytes that the store has: their size and content type. */
export class GetPayload extends Query<PayloadFacts> {
  constructor(readonly key: string) {
    super();
  }
}

// Served by the primary key.
const ENTRY: Statement = {
  name: 'payload',
  sql: 'SELECT content_type FROM lineage_payload WHERE key = $1',
};

@QueryHandler(GetPayload)
export class GetPayloadHandler implements IQueryHandler<GetPayload> {
  constructor(
    private readonly database: Database,
    @Inject(PAYLOAD_STORE) private readonly store: PayloadStore,
  ) {}

  /** The store itself is asked: of the table it may be that somebody else removed the bytes. */
  async execute({ key }: GetPayload): Promise<PayloadFacts> {
    const [entry] = await this.database.reader().rows<{ content_type: string }>(ENTRY, [key]);
    const stored = await this.store.head(key);
    if (stored) return { ...stored, contentType: entry?.content_type ?? DEFAULT_CONTENT_TYPE };
    await this.refuseUnreadable(key);
    throw new QueryError('payload_not_found', entry ? this.lost(key) : this.unknown(key));
  }

  /** What has no size need not be missing: something else may be in its place. */
  private async refuseUnreadable(key: string): Promise<void> {
    try {
      await this.store.verify(key);
    } catch (error) {
      const reason = await unreadableReason(this.store, error);
      if (reason === undefined) throw error;
      throw new QueryError(
        'payload_unreadable',
        `What ${this.store.name} has of ${key} cannot be read: ${reason}.`,
      );
    }
  }

  private lost(key: string): string {
    return `The bytes of ${key} were stored, but ${this.store.name} has them no longer; the command app may have another FACTFLOW_PAYLOAD_STORE.`;
  }

  private unknown(key: string): string {
    return `There are no bytes of ${key}: they have not arrived, or were removed because no record named them.`;
  }
}
