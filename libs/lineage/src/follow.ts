import { errorMonitor, type EventEmitter } from 'node:events';
import { isPromise } from 'node:util/types';
import { property } from './facts';

/** What the end of some work is told to. Nothing here throws. */
export interface Followed {
  /** Runs a part of the work with its record as the current one. */
  enter<T>(work: () => T): T;
  completed(output: unknown): void;
  /** completed without an output of its own, but with a count of what it yielded */
  yielded(items: number): void;
  failed(error: unknown): void;
  cancelled(reason: string): void;
}

/**
 * Does work and follows it to its end: the value of a function, what a promise resolves to, the last item of a
 * generator, the end of a Node stream. The caller gets the value, the error and the laziness it would get without.
 */
export function follow<T>(followed: Followed, work: () => T): T {
  let result: T;
  try {
    result = followed.enter(work);
  } catch (error) {
    followed.failed(error);
    throw error;
  }
  return followResult(followed, result);
}

function followResult<T>(followed: Followed, result: T): T {
  if (isPromise(result)) return followPromise(followed, result) as T;
  switch (kindOf(result)) {
    case 'thenable':
      followThenable(followed, result as Thenable);
      return result;
    case 'generator':
      followGenerator(followed, result as Steps);
      return result;
    case 'stream':
      followStream(followed, result as EventEmitter);
      return result;
    default:
      followed.completed(result);
      return result;
  }
}

// One promise for another: a handler on the side would make an unhandled rejection look handled.
const followPromise = (followed: Followed, promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => followResult(followed, value),
    (error: unknown) => {
      followed.failed(error);
      throw error;
    },
  );

type Kind = 'thenable' | 'generator' | 'stream' | 'value';

function kindOf(result: unknown): Kind {
  if (typeof result !== 'object' || result === null) return 'value';
  if (typeof property(result, 'then') === 'function') return 'thenable';
  const has = (...methods: string[]): boolean =>
    methods.every((method) => typeof property(result, method) === 'function');
  if (GENERATORS.has(tagOf(result)) && has('next', 'return', 'throw')) return 'generator';
  return has('pipe', 'once', 'off') || has('write', 'end', 'once') ? 'stream' : 'value';
}

const GENERATORS = new Set(['[object Generator]', '[object AsyncGenerator]']);

function tagOf(value: object): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return '';
  }
}

interface Thenable {
  then: (resolved?: unknown, rejected?: unknown) => unknown;
}

type Handler = ((value: unknown) => unknown) | null | undefined;

/**
 * Query builders and the like begin when `then` is called, and every call may begin anew. So nobody but the caller
 * calls it: the first call is listened to.
 */
function followThenable(followed: Followed, thenable: Thenable): void {
  const original = thenable.then;
  const put = replace(thenable, 'then', function (this: unknown, resolved: Handler, rejected: Handler) {
    const onValue = (value: unknown): unknown => {
      followed.completed(value);
      return typeof resolved === 'function' ? resolved(value) : value;
    };
    const onError = (error: unknown): unknown => {
      followed.failed(error);
      if (typeof rejected === 'function') return rejected(error);
      throw error;
    };
    return followed.enter(() => Reflect.apply(original, this, [onValue, onError]) as unknown);
  });
  if (!put) followed.completed(thenable);
}

type Step = (...values: unknown[]) => unknown;
type Steps = Record<'next' | 'return' | 'throw', Step>;

/** Ends with the iteration; left early (`break`) it is completed as well: the consumer had enough. */
function followGenerator(followed: Followed, generator: Steps): void {
  let items = 0;
  const step = (result: unknown): unknown => {
    if (property(result, 'done') === true) followed.yielded(items);
    else items += 1;
    return result;
  };
  const failed = (error: unknown): never => {
    followed.failed(error);
    throw error;
  };
  let put = true;
  for (const name of ['next', 'return', 'throw'] as const) {
    const original = generator[name];
    put &&= replace(generator, name, function (this: unknown, ...values: unknown[]): unknown {
      let result: unknown;
      try {
        result = followed.enter(() => Reflect.apply(original, this, values));
      } catch (error) {
        return failed(error);
      }
      return isPromise(result) ? result.then(step, failed) : step(result);
    });
  }
  if (!put) followed.completed(generator);
}

/** Only listens; neither starts the flow nor takes errors from those who would handle them. */
function followStream(followed: Followed, stream: EventEmitter): void {
  const readable = typeof property(stream, 'read') === 'function';
  try {
    stream.once(errorMonitor, (error: unknown) => followed.failed(error));
    stream.once(readable ? 'end' : 'finish', () => followed.completed(stream));
    stream.once('close', () => followed.cancelled('the stream was closed before its end'));
  } catch {
    followed.completed(stream);
  }
}

/** Lays a method over an object's own. @returns false when the object does not allow it */
function replace(object: object, name: string, method: (...values: never[]) => unknown): boolean {
  try {
    return Reflect.defineProperty(object, name, { value: method, configurable: true, writable: true });
  } catch {
    return false;
  }
}
