// RFC 3339 section 5.6. Second 60 and impossible dates are refused below: neither Date nor PostgreSQL agrees on them.
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const WRITTEN_LENGTH = '1970-01-01T00:00:00.000Z'.length;
const FIRST = Date.UTC(1970, 0, 1);
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Milliseconds since 1970 of an RFC 3339 time with any offset, cut (not rounded) to whole milliseconds.
 * @returns undefined for anything else: other formats, impossible dates, second 60, years outside 1970–9999 in UTC
 */
export function parseTime(text: string): number | undefined {
  // What we write ourselves, and most clients too. Date.parse takes impossible dates for others: those differ here.
  const time = text.length === WRITTEN_LENGTH ? Date.parse(text) : NaN;
  if (time >= FIRST && time <= LAST && formatTime(time) === text) return time;
  return parseAnyTime(text);
}

function parseAnyTime(text: string): number | undefined {
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

const DAY_MS = 24 * 3600 * 1000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
let lastDay = NaN;
let lastDate = '';
let lastTime = NaN;
let lastText = '';

/** RFC 3339 in UTC with milliseconds, the only form we write. Times that follow each other mostly share their day. */
export function formatTime(time: number): string {
  if (time === lastTime) return lastText;
  lastTime = time;
  return (lastText = written(time));
}

function written(time: number): string {
  const day = Math.floor(time / DAY_MS);
  if (day !== lastDay) {
    lastDate = new Date(day * DAY_MS).toISOString().slice(0, 11);
    lastDay = day;
  }
  const ms = time - day * DAY_MS;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hour = TWO_DIGITS[Math.floor(minutes / 60)];
  return `${lastDate}${hour}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}.${THREE_DIGITS[ms % 1000]}Z`;
}
