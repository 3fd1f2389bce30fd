import { targetsOf } from './adjacency';
import type { Messages } from './messages';

/**
 * Marks the messages that are compared: all of them, or, where `replayed` is given, those of which it holds a partner and
 * what comes of these alone. A join of other messages as well cannot come of a replay.
 */
export function scopeOf(messages: Messages, replayed: Int32Array | undefined): Uint8Array {
  if (!replayed) return new Uint8Array(messages.count).fill(1);
  const scope = Uint8Array.from(replayed, (partner) => (partner >= 0 ? 1 : 0));
  const outside = parentCounts(messages);
  descend(messages, scope, (child) => --outside[child] === 0);
  return scope;
}

/** Marks what is below messages that are marked, at any depth, as far as `enter` allows; it is asked once for each edge. */
export function descend({ children }: Messages, marks: Uint8Array, enter: (child: number) => boolean): void {
  const waiting = Array.from(marks.keys()).filter((message) => marks[message] === 1);
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const child of targetsOf(children, at)) {
      if (!enter(child) || marks[child] === 1) continue;
      marks[child] = 1;
      waiting.push(child);
    }
  }
}

/** Edges that lead to each message. */
function parentCounts({ count, children }: Messages): Int32Array {
  const counts = new Int32Array(count);
  for (const child of children.targets) counts[child] = (counts[child] ?? 0) + 1;
  return counts;
}
