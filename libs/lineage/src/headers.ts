import {
  isId,
  LIMITS,
  LINEAGE_HEADER,
  LINEAGE_HEADER_CHARACTERS,
  LINEAGE_HEADER_VERSION,
  type CarriedRecord,
} from '@factflow/domain';
import { isExecutionId } from './facts';
import { readHeader } from './read-header';
import type { TraceContext } from './trace-context';

/** The one header of ours a message carries. */
export const HEADER = LINEAGE_HEADER;
/** What a message carries: our header and, where the record belongs to a trace, those of W3C Trace Context. */
export type LineageHeaders = { readonly [HEADER]?: string } & Partial<TraceContext>;

const MAX_FIELDS = 32;

const OF_MESSAGE = ';message=1';
const EXACT_INPUT = ';input=sha256%3A';

/** The same headers, for a message that says what its record's input says: whoever receives it can tell whether it still does. */
export function ofMessage(headers: LineageHeaders): LineageHeaders {
  const text = headers[HEADER];
  return text?.includes(EXACT_INPUT) ? { ...headers, [HEADER]: text + OF_MESSAGE } : headers;
}

/** Whether the message that came with these headers is what the record's input was, unless it changed on the way. */
export const isOfMessage = (headers: unknown): boolean =>
  readHeader(headers, HEADER, LINEAGE_HEADER_CHARACTERS).text?.endsWith(OF_MESSAGE) === true;

/** Why there is nothing to resume. */
export type HeaderProblem =
  'no header' | 'header malformed' | 'an execution more than a day ahead of the clock';

/** Reads our header out of those of a message. Trusts nothing and never throws. */
export function decodeHeader(headers: unknown): CarriedRecord | HeaderProblem {
  const { text, malformed } = readHeader(headers, HEADER, LINEAGE_HEADER_CHARACTERS);
  if (text === undefined) return malformed ? 'header malformed' : 'no header';
  try {
    return parse(text) ?? 'header malformed';
  } catch {
    return 'header malformed';
  }
}

function parse(text: string): CarriedRecord | HeaderProblem | undefined {
  const [version, ...parts] = text.split(';', MAX_FIELDS);
  if (version !== LINEAGE_HEADER_VERSION) return undefined;
  const fields = new Map(parts.map((part) => splitOnce(part)));
  if (fields.size !== parts.length) return undefined;
  const executionId = idOf(fields.get('execution'));
  const id = idOf(fields.get('record'));
  const routeId = nameOf(fields.get('route'), LIMITS.nameCharacters);
  const adapterName = nameOf(fields.get('adapter'), LIMITS.nameCharacters);
  const parentIds = fields.get('parents')?.split(',').map(idOf) ?? [];
  if (!executionId || !id || !routeId || !adapterName) return undefined;
  if (parentIds.includes(undefined) || parentIds.includes(id)) return undefined;
  if (!isExecutionId(executionId)) return 'an execution more than a day ahead of the clock';
  const [parentId, ...joinedParentIds] = parentIds as string[];
  const batchId = idOf(fields.get('batch'));
  const inputHash = nameOf(fields.get('input'), LIMITS.hashCharacters);
  return {
    executionId,
    registration: {
      id,
      data: {
        routeId,
        adapterName,
        ...(parentId === undefined ? {} : { parentId }),
        ...(joinedParentIds.length > 0 ? { joinedParentIds } : {}),
        ...(batchId === undefined ? {} : { batchId }),
        ...(inputHash === undefined ? {} : { inputHash }),
      },
    },
    moreParents: countOf(fields.get('more')),
  };
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf('=');
  return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
}

const idOf = (text: string | undefined): string | undefined =>
  text !== undefined && isId(text) ? text.toLowerCase() : undefined;

/** @throws URIError for broken percent signs */
function nameOf(text: string | undefined, limit: number): string | undefined {
  if (text === undefined) return undefined;
  const name = decodeURIComponent(text);
  return name !== '' && [...name].length <= limit ? name : undefined;
}

const countOf = (text: string | undefined): number =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
