import { InvalidArgumentError } from 'commander';

// What may follow an option: each says what is wrong with what it cannot read.

/** An id, in lower case. */
export function idOf(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    throw new InvalidArgumentError('An id has 8-4-4-4-12 hexadecimal digits.');
  }
  return text.toLowerCase();
}

/** The key of a payload. */
export function keyOf(text: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(text)) {
    throw new InvalidArgumentError('A key is sha256: and 64 hexadecimal digits in lower case.');
  }
  return text;
}

/** A file to write to, or - for stdout. */
export function fileOf(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must name a file; - is stdout.');
  return text;
}

/** A whole number from 1, as far as the servers count. */
export function countOf(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 2_147_483_647) {
    throw new InvalidArgumentError('It must be a whole number from 1.');
  }
  return count;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MAX_TIMER_MS = 2_147_483_647;

/** A length of time as milliseconds: `500ms`, `30s`, `5m`, `1h`; a number alone is seconds. */
export function durationOf(text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Math.round(Number(amount) * (UNITS[unit] ?? NaN));
  if (!(ms >= 1 && ms <= MAX_TIMER_MS)) {
    throw new InvalidArgumentError('It must be a length of time such as 30s, 500ms or 5m.');
  }
  return ms;
}

/** Words of these, with commas between them. */
export const oneOrMoreOf =
  (words: readonly string[]) =>
  (text: string): string[] => {
    const given = text.split(',');
    if (!given.every((word) => words.includes(word))) {
      throw new InvalidArgumentError(`Allowed are ${words.join(', ')}; several are separated by commas.`);
    }
    return given;
  };
