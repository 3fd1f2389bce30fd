import { scaled } from '../numbers';
import { runTask } from '../recorder/run-task';
import { startTakingServer } from '../recorder/taking-server';
import type { Report, Variant } from '../recorder/task';
import type { Bench, Row, Sides } from '../row';
import type { Scope } from '../../scratch/scope';

const INVOCATIONS = 100_000;
const WARM_UP = 20_000;
const BYTES = 1024;

const recorderRow = (row: Pick<Row, 'name' | 'baseline' | 'goal'>, baseline: Variant): Row => ({
  ...row,
  measure:
    'µs for one invocation: registered as started, completed, two messages of 1 KiB hashed, in a process of its own',
  unit: 'µs',
  prepare: (bench, scope) => prepare(bench, scope, baseline),
});

/** The recorder, against a span that is as safe. */
export const RECORDER: Row = recorderRow(
  {
    name: 'recorder',
    baseline:
      'an OpenTelemetry span with the same attributes and hashes, appended to a file at start and at end',
    goal: { atMost: 0.8 },
  },
  'span-file',
);

/** The recorder, against a span as it is used. */
export const RECORDER_OTEL: Row = recorderRow(
  {
    name: 'recorder-otel',
    baseline:
      'an OpenTelemetry span with the same attributes and hashes, through BatchSpanProcessor, in memory',
    goal: { atMost: 2 },
  },
  'span-batch',
);

async function prepare(bench: Bench, scope: Scope, baseline: Variant): Promise<Sides> {
  const endpoint = await startTakingServer(scope);
  const last = new Map<Variant, Report>();
  const run = async (variant: Variant): Promise<number> => {
    const report = await runTask(bench, {
      variant,
      invocations: scaled(INVOCATIONS, bench.scale),
      warmUp: scaled(WARM_UP, bench.scale),
      bytes: BYTES,
      endpoint,
      flushTimeoutMs: 20_000,
    });
    last.set(variant, report);
    return report.micros;
  };
  return {
    candidate: () => run('lineage'),
    baseline: () => run(baseline),
    notes: () => [
      ...[...last].map(
        ([variant, { told, p999Micros }]) =>
          `${variant}: ${told}; p99.9 of a call ${p999Micros.toFixed(0)} µs`,
      ),
    ],
  };
}
