import type { RecordStatus, Completion } from '@factflow/domain';
import { fingerprint } from './fingerprint';
import type { TwinRecord } from './lineage-twin';

/** Which record is meant, in the words it was registered with: all that is given must hold. */
export interface RecordDescription {
  readonly route?: string;
  readonly adapter?: string;
  /** the inbound message, told by its hash */
  readonly input?: unknown;
  /** the outbound message, told by its hash */
  readonly output?: unknown;
  readonly status?: RecordStatus;
  readonly completion?: Completion;
  readonly batchId?: string;
  /** the class of the error it failed with */
  readonly error?: string;
  /** of an execution, by its handle */
  readonly execution?: { readonly id: string };
  /** these keys, with values of the same JSON */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A record: its handle, its id, or what it is like. */
export type RecordRef = string | { readonly id: string } | RecordDescription;

const idOf = (ref: RecordRef): string | undefined =>
  typeof ref === 'string' ? ref : 'id' in ref ? ref.id : undefined;

export function matches(record: TwinRecord, ref: RecordRef): boolean {
  const id = idOf(ref);
  if (id !== undefined) return record.id === id;
  const wanted = ref as RecordDescription;
  const is = (value: unknown, actual: unknown): boolean => value === undefined || value === actual;
  return (
    is(wanted.route, record.routeId) &&
    is(wanted.adapter, record.adapterName) &&
    is(wanted.status, record.status) &&
    is(wanted.completion, record.completion) &&
    is(wanted.batchId, record.batchId) &&
    is(wanted.error, record.error?.class) &&
    is(wanted.execution?.id, record.executionId) &&
    is(fingerprint(wanted.input), record.inputHash) &&
    is(fingerprint(wanted.output), record.outputHash) &&
    Object.entries(wanted.metadata ?? {}).every(
      ([key, value]) => fingerprint(value) === fingerprint(record.metadata?.[key]),
    )
  );
}

/** A description as it stands in messages: `embedder with input "a"`. */
export function described(ref: RecordRef): string {
  const id = idOf(ref);
  if (id !== undefined) return `record ${id}`;
  const { route, adapter, ...rest } = ref as RecordDescription;
  const place = [route, adapter].filter((name) => name !== undefined).join('/') || 'a record';
  const more = Object.entries(rest).map(([name, value]) => `${name} ${shown(name, value)}`);
  return more.length === 0 ? place : `${place} with ${more.join(', ')}`;
}

const SHOWN_CHARACTERS = 60;

function shown(name: string, value: unknown): string {
  if (name === 'execution') return (value as { id: string }).id;
  const text = typeof value === 'string' ? JSON.stringify(value) : (safeJson(value) ?? String(value));
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** What is left when descriptions and records are paired, as many as can be, each once. */
export interface Pairing {
  readonly unmet: readonly RecordRef[];
  readonly unexpected: readonly TwinRecord[];
}

/** Pairs them such that no general description takes the record that a special one needs. */
export function pair(refs: readonly RecordRef[], records: readonly TwinRecord[]): Pairing {
  const taken = new Map<TwinRecord, RecordRef>();
  // Looks for a record, and where all that fit are taken for another one for who took it.
  const place = (ref: RecordRef, tried: Set<TwinRecord>): boolean =>
    records.some((record) => {
      if (tried.has(record) || !matches(record, ref)) return false;
      tried.add(record);
      const holder = taken.get(record);
      if (holder !== undefined && !place(holder, tried)) return false;
      taken.set(record, ref);
      return true;
    });
  const unmet = refs.filter((ref) => !place(ref, new Set()));
  return { unmet, unexpected: records.filter((record) => !taken.has(record)) };
}
