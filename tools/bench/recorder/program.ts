// A process of its own for every run of the recorder rows, so that memory and compiled code are those of one variant.
// usage: node bench-recorder.mjs '<json of Task>'; prints one line of JSON, a Report.
import { setImmediate as otherWork } from 'node:timers/promises';
import { percentile } from '../numbers';
import type { Invocation, Report, Task, Variant } from './task';
import { openLineage } from './lineage-variant';
import { openSpansInFile, openSpansInMemory } from './span-variants';

const VARIANTS: Readonly<Record<Variant, (task: Task) => Invocation>> = {
  lineage: openLineage,
  'span-file': openSpansInFile,
  'span-batch': openSpansInMemory,
};

/** Calls between two turns of the event loop, as a service does some work and then waits for something. */
const PER_TURN = 50;

async function measure(task: Task): Promise<Report> {
  const variant = VARIANTS[task.variant](task);
  const messages = Array.from({ length: 64 }, (_, n) => Buffer.alloc(task.bytes, n + 1));
  const times = new Float64Array(task.invocations);
  const call = (n: number): void =>
    variant.invoke(messages[n % 64] as Buffer, messages[(n + 31) % 64] as Buffer);
  for (let n = 0; n < task.warmUp; n += 1) {
    call(n);
    if (n % PER_TURN === 0) await otherWork();
  }
  await variant.settle();
  const rssBefore = process.memoryUsage.rss();
  let rss = rssBefore;
  const start = performance.now();
  for (let n = 0; n < task.invocations; n += 1) {
    const before = performance.now();
    call(n);
    times[n] = performance.now() - before;
    if (n % PER_TURN === 0) await otherWork();
    if (n % 1000 === 0) rss = Math.max(rss, process.memoryUsage.rss());
  }
  const ms = performance.now() - start;
  rss = Math.max(rss, process.memoryUsage.rss());
  return {
    micros: task.invocations === 0 ? 0 : (ms / task.invocations) * 1000,
    p999Micros: task.invocations === 0 ? 0 : percentile([...times], 0.999) * 1000,
    rssBefore,
    rss,
    told: await variant.close(),
  };
}

process.stdout.write(`${JSON.stringify(await measure(JSON.parse(process.argv[2] as string) as Task))}\n`);
// What is left to ship after the measure is over is not waited for.
process.exit(0);
