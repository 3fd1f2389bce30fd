import { exceedsBytes, LIMITS, type Json, type Metadata } from '@factflow/domain';
import { toPlain, type PlainBounds } from './plain';

/** Where the id of a distributed trace is put. */
const TRACE_ID = 'trace_id';
/** Where marks about the rest of a fact are put. */
const MARKS_KEY = 'lineage_marks';
/** Kept free for marks, bytes. */
const MARKS_BYTES = 4 * 1024;
const LIMIT = LIMITS.metadataBytes - MARKS_BYTES;

const GENEROUS: PlainBounds = { depth: LIMITS.nesting - 2, nodes: 10_000, characters: 32 * 1024 };
const TIGHT: PlainBounds = { depth: 8, nodes: 2_000, characters: 500 };

/** What had to be changed about a fact so that it can be stored: visible in its metadata. */
export type Marks = Map<string, string>;

/**
 * Any value as metadata within the limits: long texts are shortened and keys left out, with marks.
 * @param marks what else there is to say; ends up under `lineage_marks`
 * @returns undefined when there is nothing to say
 */
export function toMetadata(value: unknown, marks: Marks): Metadata | undefined {
  const metadata = value === undefined || value === null ? undefined : readMetadata(value);
  if (marks.size === 0) return metadata;
  return { ...metadata, [MARKS_KEY]: Object.fromEntries(marks) };
}

/** The marks in metadata. */
export function marksOf(metadata: Metadata | undefined): [string, string][] {
  const marks = metadata?.[MARKS_KEY];
  if (typeof marks !== 'object' || marks === null || Array.isArray(marks)) return [];
  return Object.entries(marks).map(([name, mark]) => [name, String(mark)]);
}

/** Adds the id of a trace, unless there is something by that name. It has room: less than marks may take. */
export const withTraceId = (
  metadata: Metadata | undefined,
  traceId: string | undefined,
): Metadata | undefined => (traceId === undefined ? metadata : { [TRACE_ID]: traceId, ...metadata });

function readMetadata(value: unknown): Metadata {
  try {
    const plain = toPlain(value, GENEROUS);
    const generous = asObject(plain.value);
    if (plain.maxBytes <= LIMIT || fits(generous)) return generous;
    const tight = asObject(toPlain(generous, TIGHT).value);
    return fits(tight) ? tight : leaveOut(tight);
  } catch {
    return { '[unreadable]': true };
  }
}

const asObject = (value: Json): Metadata =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Metadata) : { value };

const fits = (metadata: Metadata): boolean => !exceedsBytes(JSON.stringify(metadata), LIMIT);

/** Keeps the keys that fit, in their order. */
function leaveOut(metadata: Metadata): Metadata {
  const kept: [string, Json][] = [];
  let bytes = 100;
  const entries = Object.entries(metadata);
  for (const [key, value] of entries) {
    bytes += Buffer.byteLength(JSON.stringify(key)) + Buffer.byteLength(JSON.stringify(value)) + 2;
    if (bytes > LIMIT) break;
    kept.push([key, value]);
  }
  kept.push(['[shortened]', `${entries.length - kept.length} of ${entries.length} keys left out`]);
  return Object.fromEntries(kept);
}
