import type { Completion } from '@factflow/client';

const ORDER: readonly Completion[] = [
  'failed',
  'pending',
  'awaiting_children',
  'done',
  'cancelled',
  'unknown',
];

/** How many of some records amount to what, such as `95 done, 2 pending`. */
export function countsText(records: readonly { readonly completion: Completion }[]): string {
  const counts = new Map<Completion, number>();
  for (const { completion } of records) counts.set(completion, (counts.get(completion) ?? 0) + 1);
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || ORDER.indexOf(a) - ORDER.indexOf(b))
    .map(([completion, count]) => `${count} ${completion}`)
    .join(', ');
}
