// RFC 3339 section 5.6. Second 60 and impossible dates are refused below: neither Date nor PostgreSQL agrees on them.
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const FIRST = Date.UTC(1970, 0, 1);
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Milliseconds since 1970 of an RFC 3339 time with any offset, cut (not rounded) to whole milliseconds.
 * @returns undefined for anything else: other formats, impossible dates, second 60, years outside 1970–9999 in UTC
 */
export function parseTime(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offsetMinutes = match[8] ? Number(match[9]) * 60 + Number(match[10]) : 0;
  if (hour > 23 || minute > 59 || second > 59 || Number(match[9] ?? 0) > 23 || Number(match[10] ?? 0) > 59)
    return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  date.setUTCHours(hour, minute - (match[8] === '-' ? -offsetMinutes : offsetMinutes), second, milliseconds);
  const time = date.getTime();
  return time >= FIRST && time <= LAST ? time : undefined;
}

/** RFC 3339 in UTC with milliseconds, the only form we write. */
export const formatTime = (time: number): string => new Date(time).toISOString();
