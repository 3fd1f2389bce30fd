import { scaled } from '../numbers';
import { runTask } from '../recorder/run-task';
import type { Bench, Row, Sides } from '../row';

const EVENTS = 1_000_000;
const WARM_UP = 1_000;
/** A port of this machine that nobody listens on. */
const AWAY = 'http://127.0.0.1:9';

/** Whether an outage fills the memory. */
export const RECORDER_MEMORY: Row = {
  name: 'recorder-memory',
  measure: 'MiB resident at most while 1,000,000 events are recorded and the command app is away',
  baseline: 'before',
  unit: 'MiB',
  goal: { atMostMore: 64 },
  prepare,
};

function prepare(bench: Bench): Promise<Sides> {
  let told = '';
  const run = (invocations: number) =>
    runTask(bench, {
      variant: 'lineage',
      invocations,
      warmUp: scaled(WARM_UP, bench.scale),
      bytes: 1024,
      endpoint: AWAY,
      flushTimeoutMs: 0,
    });
  return Promise.resolve({
    candidate: async () => {
      const report = await run(scaled(EVENTS / 2, bench.scale));
      told = report.told;
      return report.rss / 1024 ** 2;
    },
    baseline: async () => (await run(0)).rssBefore / 1024 ** 2,
    notes: () => [told],
  });
}
