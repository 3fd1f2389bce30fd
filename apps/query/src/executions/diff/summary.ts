import type { Compared } from './compare';
import { hasEnded } from './compare';
import type { DiffSummary } from './diff';
import { OUTCOME } from './record-table';

const MAX_ADAPTERS = 1000;

/** What a comparison says of all of it. */
export function summaryOf({ a, b, places, comparison }: Compared): DiffSummary {
  const { totals, outside, pairing, byPlace } = comparison;
  const adapters = [...byPlace]
    .map(([place, counts]) => ({ ...places.nameOf(place), ...counts }))
    .sort((x, y) => compareText(x.route_id, y.route_id) || compareText(x.adapter_name, y.adapter_name));
  return {
    a: { ...a, compared: pairing.a.count - outside.a, outside: outside.a },
    b: { ...b, compared: pairing.b.count - outside.b, outside: outside.b },
    finished: hasEnded(b) && !hasOpen(comparison),
    worse: totals.newly_failing + totals.missing + totals.newly_cancelled + totals.extra_failing > 0,
    totals,
    adapters: adapters.slice(0, MAX_ADAPTERS),
    more_adapters: Math.max(0, adapters.length - MAX_ADAPTERS),
  };
}

/** Whether any message of b that is compared is unfinished. */
function hasOpen({ pairing: { b, scopeB } }: Compared['comparison']): boolean {
  for (let message = 0; message < b.count; message += 1) {
    const outcome = b.outcome(message);
    if (scopeB[message] === 1 && (outcome === OUTCOME.open || outcome === OUTCOME.stalled)) return true;
  }
  return false;
}

const compareText = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
