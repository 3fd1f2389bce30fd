import type { TimeFormat } from './settings';

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** A length of time in its largest two units, such as `1 h 5 min`, `3.2 s` or `17 ms`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.floor(ms / 100) / 10} s`;
  const index = UNITS.findIndex(([, size]) => ms >= size);
  const parts = UNITS.slice(index, index + 2).map(([unit, size], place) => {
    const amount = Math.floor((place === 0 ? ms : ms % (UNITS[index]?.[1] ?? 1)) / size);
    return amount > 0 ? `${amount} ${unit}` : '';
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** A time as it is shown in tables: how long ago in one unit, or as recorded. */
export function timeText(time: string | null, format: TimeFormat, now: number): string {
  if (time === null) return '-';
  const ms = Date.parse(time);
  if (format === 'iso' || Number.isNaN(ms)) return time;
  const away = Math.abs(now - ms);
  const [unit, size] = UNITS.find(([, least]) => away >= least) ?? ['s', 1000];
  const text = `${Math.floor(away / size)} ${unit}`;
  return ms > now ? `in ${text}` : `${text} ago`;
}

/** How long something took; `-` while it has not ended. */
export const tookText = (from: string | null, to: string | null): string =>
  from === null || to === null ? '-' : duration(Math.max(0, Date.parse(to) - Date.parse(from)));
