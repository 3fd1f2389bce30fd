import { LIMITS, type ErrorInfo } from '@factflow/domain';
import { toPlain } from './plain';
import { shortenJsonText, shortenName, shortenText } from './shorten';

/** A traceback full of control characters would grow past the limit of a whole event when written as JSON. */
const TRACEBACK_JSON_BYTES = 100 * 1024;
const CAUSES = 8;

/** What was thrown, as far as it can be read, within the limits. Never throws. */
export function describeError(thrown: unknown): ErrorInfo {
  const traceback = tracebackOf(thrown);
  return {
    class: shortenName(classOf(thrown), 'class'),
    message: shortenText(messageOf(thrown), LIMITS.errorMessageBytes),
    ...(traceback === ''
      ? {}
      : {
          traceback: shortenJsonText(shortenText(traceback, LIMITS.tracebackBytes), TRACEBACK_JSON_BYTES),
        }),
  };
}

/** A property as text; empty when it is none, or cannot be read. */
function textOf(value: unknown, property: string): string {
  try {
    const text = (value as Record<string, unknown>)[property];
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

function constructorOf(value: object): unknown {
  try {
    return value.constructor;
  } catch {
    return undefined;
  }
}

/** `name` where somebody set it, else the name of the class: subclasses rarely set theirs. */
function classOf(thrown: unknown): string {
  if (!isObject(thrown)) return thrown === null ? 'null' : typeof thrown;
  const name = textOf(thrown, 'name');
  const ownClass = textOf(constructorOf(thrown), 'name');
  return (name === 'Error' ? ownClass || name : name || ownClass) || 'object';
}

function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  if (!isObject(thrown)) return String(thrown);
  const message = textOf(thrown, 'message');
  if (message !== '' || isError(thrown)) return message;
  return JSON.stringify(toPlain(thrown, { depth: 4, nodes: 200, characters: 1000 }).value);
}

function isError(thrown: object): boolean {
  try {
    return thrown instanceof Error;
  } catch {
    return false;
  }
}

/** The stack, and those of the causes behind it. */
function tracebackOf(thrown: unknown): string {
  const stacks: string[] = [];
  const seen = new Set<unknown>();
  let current = thrown;
  while (isObject(current) && !seen.has(current) && seen.size < CAUSES) {
    seen.add(current);
    const stack = textOf(current, 'stack').slice(0, LIMITS.tracebackBytes);
    if (stack !== '') stacks.push(stack);
    current = causeOf(current);
  }
  return stacks.join('\nCaused by: ');
}

function causeOf(thrown: object): unknown {
  try {
    return (thrown as { cause?: unknown }).cause;
  } catch {
    return undefined;
  }
}
