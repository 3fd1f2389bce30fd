import { AssertionError } from 'node:assert';
import { draw, type Drawn } from './draw-twin';
import type { TwinRecord } from './lineage-twin';

/** Says what was expected, what is there instead, and draws it. */
export function unexpected(
  expected: string,
  instead: string,
  drawn: Drawn,
  marked: readonly TwinRecord[] = [],
): AssertionError {
  const message = `expected ${expected}, ${instead}\n\n${draw(drawn, marked)}`;
  return new AssertionError({ message, operator: 'fail' });
}

/** Runs a check whose error points at the line where `method` was called, not into this library. */
export async function checked<T>(
  method: (...values: never[]) => unknown,
  check: () => Promise<T>,
): Promise<T> {
  const called: { stack?: string } = {};
  Error.captureStackTrace(called, method);
  try {
    return await check();
  } catch (error) {
    if (error instanceof AssertionError) {
      const frames = called.stack?.replace(/^[^]*?\n(?= +at )/, '') ?? '';
      error.stack = `${error.name}: ${error.message}\n${frames}`;
    }
    throw error;
  }
}

/** A text that must be there: as it is, or matching. */
export const says = (text: string | undefined, wanted: string | RegExp): boolean =>
  text !== undefined && (typeof wanted === 'string' ? text === wanted : wanted.test(text));
