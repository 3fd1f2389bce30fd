import {
  isId,
  LIMITS,
  newId,
  timeNow,
  timeOfId,
  type LineageEvent,
  type RecordRegisteredData,
} from '@factflow/domain';
import type { AdapterMessages } from './capture/capture';
import type { CallCapture } from './capture/capture-options';
import { fingerprint, givenHash } from './fingerprint';
import { Handle } from './handle';
import { toMetadata, withTraceId, type Marks } from './metadata';
import { shortenCharacters, shortenName } from './shorten';

/** An event before the recorder gives it an id, a time and a place in its sequence. */
export type Fact = LineageEvent extends infer Event
  ? Event extends LineageEvent
    ? Omit<Event, 'eventId' | 'occurredAt' | 'source'>
    : never
  : never;

/** A record as a parent: its handle, or its id where the handle is elsewhere. */
export type ParentRef = string | { readonly id: string; readonly executionId: string };

/**
 * What a record is registered with. Whatever is given here is made to fit the limits: ids that are none are left out,
 * names, hashes and metadata are shortened, and `metadata.lineage_marks` says so.
 */
export interface RegisterOptions extends CallCapture {
  readonly route: string;
  readonly adapter: string;
  /** the inbound message: its hash is recorded, and its bytes are kept where `capture` says so */
  readonly input?: unknown;
  /** the hash of the inbound message where the message itself is not at hand; goes before `input` */
  readonly inputHash?: string;
  /** further parents of the same execution: the record is a join */
  readonly joinedParents?: readonly ParentRef[];
  readonly batchId?: string;
  /** registered and started in one moment: no `start()` follows */
  readonly started?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** an id of one's own for the record; any UUID */
  readonly id?: string;
  /** the record this one tries again */
  readonly retryOf?: string;
  /** the record of another execution this one replays */
  readonly replayOfRecord?: string;
}

/** A record's registration, and what its retries repeat. */
export interface Registration {
  readonly id: string;
  readonly data: RecordRegisteredData;
}

const MARK_CHARACTERS = 80;

/** A property of an object that may be anything, even absent or throwing. */
export function property(value: unknown, name: string): unknown {
  try {
    return value === undefined || value === null ? undefined : (value as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Has options read as they are, and one by one, as far as they can be, where they are none or one of them throws. */
export function readWhole<Options extends object, T>(
  options: Options | undefined,
  names: readonly (keyof Options & string)[],
  read: (options: Options) => T,
): T {
  try {
    return read(options as Options);
  } catch {
    return read(Object.fromEntries(names.map((name) => [name, property(options, name)])) as Options);
  }
}

/** An optional id: left out, and marked, when it is none. */
export function optionalId(value: unknown, name: string, marks: Marks): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && isId(value)) return value.toLowerCase();
  marks.set(name, `not an id: ${shown(value)}`);
  return undefined;
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? shortenCharacters(value, MARK_CHARACTERS) : `[${typeof value}]`;

/** How far ahead of the clock the time in an execution's id may be. */
const AHEAD_MS = LIMITS.beforeExecutionMs;

/** Whether events of an execution with this id will be accepted: its time must not be far in the future. */
export const isExecutionId = (value: unknown): value is string =>
  typeof value === 'string' && isId(value) && (timeOfId(value.toLowerCase()) ?? 0) <= timeNow() + AHEAD_MS;

/** A list that may be anything, as far as it can be read; `limit` items at most. */
export function readList(value: unknown, limit: number): { items: unknown[]; more: number } {
  try {
    if (!Array.isArray(value))
      return { items: value === undefined || value === null ? [] : [value], more: 0 };
    return { items: value.slice(0, limit), more: Math.max(0, value.length - limit) };
  } catch {
    return { items: [], more: 0 };
  }
}

/** The ids of parents that may be parents of a record of this execution. */
function parentIds(refs: readonly unknown[], executionId: string, own: string, marks: Marks): string[] {
  const only = refs[0];
  if (refs.length === 1 && Handle.is(only) && only.executionId === executionId && only.id !== own)
    return [only.id];
  const ids = new Set<string>();
  for (const ref of refs) {
    const id = property(ref, 'id') ?? ref;
    const theirs = property(ref, 'executionId');
    // A record that is not recorded has no id: its children have no parent.
    if (id === '') continue;
    const valid = optionalId(id, 'parent', marks);
    if (valid === undefined) continue;
    if (valid === own) marks.set('parent', 'a record cannot be its own parent');
    else if (typeof theirs === 'string' && theirs !== executionId)
      marks.set('parent', `of another execution: ${valid}`);
    else ids.add(valid);
  }
  return [...ids];
}

/** Where a record is registered, decided by more than its options. */
export interface Place {
  readonly executionId: string;
  /** beside `options.joinedParents`, before them; the first one becomes `parent_id` */
  readonly parents: readonly unknown[];
  readonly started?: boolean;
  readonly marks?: Marks;
  /** keeps the messages of the adapter */
  readonly messages?: AdapterMessages | undefined;
}

const OPTIONS = [
  'route',
  'adapter',
  'input',
  'inputHash',
  'joinedParents',
  'batchId',
  'started',
  'metadata',
  'id',
  'retryOf',
  'replayOfRecord',
] as const satisfies (keyof RegisterOptions)[];

/** What a record is registered with, made to fit. @param traceId of the trace it belongs to */
export const registrationOf = (
  options: RegisterOptions,
  place: Place,
  traceId: string | undefined,
): Registration => readWhole(options, OPTIONS, (read) => madeToFit(read, place, traceId));

function madeToFit(options: RegisterOptions, place: Place, traceId: string | undefined): Registration {
  const { executionId, parents } = place;
  const marks: Marks = new Map(place.marks);
  const id = optionalId(options.id, 'id', marks) ?? newId();
  const joined = readList(options.joinedParents, LIMITS.joinedParents + 1);
  const all = joined.items.length === 0 ? parents : [...parents, ...joined.items];
  const ids = parentIds(all, executionId, id, marks);
  const parentId = ids[0];
  const joins = ids.slice(1);
  const leftOut = joined.more + Math.max(0, joins.length - LIMITS.joinedParents);
  if (leftOut > 0) marks.set('joined_parents', `${leftOut} left out`);
  const batchId = optionalId(options.batchId, 'batchId', marks);
  const retryOf = optionalId(options.retryOf, 'retryOf', marks);
  const replayOfRecord = optionalId(options.replayOfRecord, 'replayOfRecord', marks);
  const input = options.input;
  const taken = place.messages?.take('input', input, marks);
  const inputHash = givenHash(options.inputHash) ?? (taken ? taken.hash : fingerprint(input));
  const metadata = withTraceId(toMetadata(options.metadata, marks), traceId);
  // Put in one by one: objects spread into each other cost more than everything else here.
  const data: Writable<RecordRegisteredData> = {
    routeId: shortenName(options.route, 'route'),
    adapterName: shortenName(options.adapter, 'adapter'),
  };
  if (parentId !== undefined) data.parentId = parentId;
  if (joins.length > 0) data.joinedParentIds = joins.slice(0, LIMITS.joinedParents);
  if (batchId !== undefined) data.batchId = batchId;
  if (inputHash !== undefined) data.inputHash = inputHash;
  if (taken?.payload !== undefined) data.inputPayload = taken.payload;
  if (place.started || options.started === true) data.started = true;
  if (retryOf !== undefined) data.retryOf = retryOf;
  if (replayOfRecord !== undefined) data.replayOfRecord = replayOfRecord;
  if (metadata !== undefined) data.metadata = metadata;
  return { id, data };
}

export type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
