import type { ProcessExit } from '@factflow/testing';
import { atWork, FLUSH_TIMEOUT_MS, type Bout } from '../bout';
import type { Findings, Scenario } from '../scenario';

/** Beyond its flush deadline a process may need so long for everything else, on a busy machine too. */
const GRACE_MS = 5_000;

/** Ends a pipeline under load with the command app away, so that nothing can be flushed. */
async function end(bout: Bout, signal: NodeJS.Signals, code: number): Promise<Findings> {
  const problems: string[] = [];
  const times: number[] = [];
  for (let time = 0; time < (bout.lab.short ? 1 : 5); time += 1) {
    bout.lab.proxy.restore();
    const pipeline = bout.start();
    await atWork(pipeline);
    await bout.wait(500);
    bout.lab.proxy.cut();
    await bout.wait(500);
    const since = performance.now();
    pipeline.signal(signal);
    const exit: ProcessExit = await pipeline.exit;
    times.push(performance.now() - since);
    if (exit.code !== code) problems.push(`it ended with ${JSON.stringify(exit)}`);
  }
  bout.lab.proxy.restore();
  if (Math.max(...times) > FLUSH_TIMEOUT_MS + GRACE_MS) problems.push('it ended too late');
  const told = times.map((ms) => ms.toFixed(0)).join(', ');
  return { problems, notes: [`ended after ${told} ms, the flush deadline is ${FLUSH_TIMEOUT_MS} ms`] };
}

export const UNCAUGHT: Scenario = {
  name: 'uncaught',
  breaks: 'an uncaught exception under load, the command app away',
  run: (bout) => end(bout, 'SIGUSR2', 1),
};

export const EXIT: Scenario = {
  name: 'exit',
  breaks: 'process.exit under load, the command app away',
  run: (bout) => end(bout, 'SIGUSR1', 3),
};

export const SIGTERM: Scenario = {
  name: 'sigterm',
  breaks: 'SIGTERM under load, the command app away: the end comes with the flush deadline',
  run: (bout) => end(bout, 'SIGTERM', 0),
};
