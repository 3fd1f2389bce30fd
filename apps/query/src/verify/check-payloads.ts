import { isPayloadKey } from '@factflow/domain';
import { PayloadStoreUnavailable, unreadableReason, type PayloadStore } from '@factflow/payloads';
import type { Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { storedOf, type PayloadColumn } from '../lineage/payload';
import { leftText, payloadHolders, type PayloadHolders } from './payload-holders';
import type { Report } from './report';

const PAGE = 500;
/** Payloads that are read at once. */
const AT_ONCE = 8;
/** Keys that are remembered as checked; past it they are forgotten, and at worst checked again. */
const MOST_KEYS = 500_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

// Both served by lineage_record_payloads.
const namingAfter = (name: string, after: '>' | '>='): Statement => ({
  name,
  sql: `
  SELECT r.id, r.input_hash, r.input_payload, r.output_payload FROM lineage_record r
  WHERE r.execution_id = $1 AND r.id ${after} $2::uuid AND (r.input_payload IS NOT NULL OR r.output_payload IS NOT NULL)
  ORDER BY r.id LIMIT ${PAGE}`,
});
const FIRST_NAMING = namingAfter('verify_first_payloads', '>=');
const NEXT_NAMING = namingAfter('verify_next_payloads', '>');

interface NamingRow {
  readonly id: string;
  readonly input_hash: string | null;
  readonly input_payload: PayloadColumn | null;
  readonly output_payload: PayloadColumn | null;
}

/** A key, and the record that named it first. */
interface Named {
  readonly key: string;
  readonly recordId: string;
  readonly field: 'input_payload' | 'output_payload';
}

/** Holds the payloads that records name against the store: every key is read once, and its bytes against its digest. */
export class PayloadsCheck {
  private readonly known = new Set<string>();
  private isAway = false;
  /** of the execution at work */
  private holders: Promise<PayloadHolders> | undefined;

  constructor(
    private readonly store: PayloadStore,
    private readonly reader: Reader,
    private readonly report: Report,
    private readonly signal: AbortSignal,
  ) {}

  /** Of one execution. No snapshot is held: bytes may take long. */
  async check(executionId: string): Promise<void> {
    this.holders = undefined;
    for (let last: string | undefined; !this.isAway;) {
      const statement = last === undefined ? FIRST_NAMING : NEXT_NAMING;
      const rows = await this.reader.rows<NamingRow>(statement, [executionId, last ?? FIRST_ID]);
      for (const row of rows) this.compareHash(executionId, row);
      const named = rows.flatMap(namedBy).filter(({ key }) => this.isNew(key));
      const stored = named.length === 0 ? new Set<string>() : await storedOf(this.reader, rows);
      await this.readAll(executionId, named, stored);
      last = rows.at(-1)?.id;
      if (rows.length < PAGE) return;
    }
  }

  /** The key of an input that was not redacted is its hash, where that is a digest. */
  private compareHash(
    executionId: string,
    { id, input_hash: hash, input_payload: payload }: NamingRow,
  ): void {
    if (!payload || payload.redacted || hash === null || !isPayloadKey(hash) || hash === payload.key) return;
    this.report.find('payload_mismatch', {
      execution_id: executionId,
      record_id: id,
      key: payload.key,
      field: 'input_payload',
      stored: payload.key,
      expected: hash,
      message: 'The bytes that were kept of the input are not those the input hash was taken of.',
      advice: `factflow lineage events ${id} --execution ${executionId}`,
    });
  }

  private isNew(key: string): boolean {
    // A string of its own: a slice would keep all of the key.
    const digest = Buffer.from(key.slice('sha256:'.length, 'sha256:'.length + 32), 'hex').toString('latin1');
    if (this.known.has(digest)) return false;
    if (this.known.size >= MOST_KEYS) this.known.clear();
    this.known.add(digest);
    return true;
  }

  private async readAll(
    executionId: string,
    named: readonly Named[],
    stored: ReadonlySet<string>,
  ): Promise<void> {
    const queue = named.values();
    const work = async (): Promise<void> => {
      for (const one of queue) {
        this.signal.throwIfAborted();
        if (this.isAway) return;
        await this.read(executionId, one, stored.has(one.key));
        this.report.progress();
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, named.length) }, work));
  }

  private async read(executionId: string, named: Named, isStored: boolean): Promise<void> {
    let found: Awaited<ReturnType<PayloadStore['verify']>>;
    try {
      found = await this.store.verify(named.key);
    } catch (error) {
      const reason = await unreadableReason(this.store, error);
      if (reason === undefined) return this.leaveOut(error);
      return this.find('payload_unreadable', executionId, named, `The store says: ${reason}.`);
    }
    this.report.checked.payloads += 1;
    if (found === 'ok') return;
    if (found === 'corrupt') return this.find('payload_corrupt', executionId, named);
    if (isStored) return this.find('payload_missing', executionId, named);
    const { isAwaited, left } = await (this.holders ??= payloadHolders(this.reader, executionId));
    if (isAwaited) return this.find('payload_awaited', executionId, named);
    this.find('payload_missing', executionId, named, leftText(left));
  }

  private find(
    kind: keyof typeof MESSAGES,
    executionId: string,
    { key, recordId, field }: Named,
    why = '',
  ): void {
    const isLeft = kind === 'payload_missing' && why !== '';
    this.report.find(kind, {
      execution_id: executionId,
      record_id: recordId,
      key,
      field,
      message: [isLeft ? LEFT : MESSAGES[kind], why].join(' ').trim(),
      advice: isLeft ? IMPORT : `factflow lineage get ${recordId} --execution ${executionId}`,
    });
  }

  /** The store itself is away: none of the others can be read either. */
  private leaveOut(error: unknown): void {
    if (!(error instanceof PayloadStoreUnavailable)) throw error;
    if (!this.isAway) this.report.leaveOut(`Payloads: ${error.message}`);
    this.isAway = true;
  }
}

const MESSAGES = {
  payload_corrupt:
    'The bytes in the store are not those of their digest: they were changed, or the disk did.',
  payload_unreadable: 'The bytes in the store cannot be read, though the store can.',
  payload_missing: 'The record names bytes that are not in the store, and nobody is there to bring them.',
  payload_awaited: 'The bytes have not arrived yet; the recorder may still have them.',
} as const;

const LEFT = 'The record names bytes that are not in the store.';
const IMPORT = 'factflow lineage import <spool>';

/** What no record can have named is told of as a field of its row. */
const namedBy = ({ id, input_payload: input, output_payload: output }: NamingRow): Named[] =>
  [
    { key: input?.key, recordId: id, field: 'input_payload' } as const,
    { key: output?.key, recordId: id, field: 'output_payload' } as const,
  ].filter((named): named is Named & typeof named => isPayloadKey(named.key ?? ''));
