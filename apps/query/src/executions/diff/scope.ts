import { targetsOf } from './adjacency';
import type { Messages } from './messages';

/**
 * Marks the messages that are compared: all of them, or, where `replayed` is given, those of which it holds a partner and
 * everything below.
 */
export function scopeOf({ count, children }: Messages, replayed: Int32Array | undefined): Uint8Array {
  if (!replayed) return new Uint8Array(count).fill(1);
  const scope = new Uint8Array(count);
  const waiting: number[] = [];
  const reach = (message: number): void => {
    if (scope[message] === 1) return;
    scope[message] = 1;
    waiting.push(message);
  };
  replayed.forEach((partner, message) => partner >= 0 && reach(message));
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const child of targetsOf(children, at)) reach(child);
  return scope;
}
