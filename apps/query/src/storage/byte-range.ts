import type { ByteRange } from '@factflow/payloads';

/** What a Range header asks for: a part, everything, or what is not there. */
export type RangeRequest = ByteRange | 'all' | 'unsatisfiable';

const ONE_RANGE = /^bytes=\s*(\d*)-(\d*)\s*$/i;

/**
 * The bytes that a Range header of RFC 9110 asks for. What is malformed, of another unit, or of several ranges asks for
 * everything, as the RFC allows.
 * @param size bytes that there are
 */
export function rangeOf(header: string | undefined, size: number): RangeRequest {
  const [, from = '', to = ''] = ONE_RANGE.exec(header ?? '') ?? [];
  if (from === '' && to === '') return 'all';
  if (from === '') return within(Math.max(0, size - Number(to)), size - 1);
  if (to !== '' && Number(to) < Number(from)) return 'all';
  return within(Number(from), to === '' ? size - 1 : Math.min(Number(to), size - 1));
}

const within = (start: number, end: number): RangeRequest =>
  start <= end ? { start, end } : 'unsatisfiable';
