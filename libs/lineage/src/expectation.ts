import type { ErrorInfo } from '@factflow/domain';
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

/** What ended, as far as a failure is told by it. */
interface Ended {
  readonly completion: string;
  readonly error: ErrorInfo | null;
}

/** A failure that is expected: the class of the error, and its message, as it is or matching; any where it is left out. */
export class ExpectedFailure {
  constructor(
    private readonly errorClass: string,
    private readonly message?: string | RegExp,
  ) {}

  toString(): string {
    const message = this.message === undefined ? '' : `: ${String(this.message)}`;
    return `to have failed with ${this.errorClass}${message}`;
  }

  /** @returns undefined where it failed so */
  differenceOf({ completion, error }: Ended): string | undefined {
    if (error === null) return `but it is ${completion}`;
    const isMeant =
      error.class === this.errorClass && (this.message === undefined || says(error.message, this.message));
    return isMeant ? undefined : `but it failed with ${error.class}: ${error.message}`;
  }
}
