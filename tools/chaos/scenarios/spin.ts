import { eventually } from '@factflow/testing';
import type { Bout } from '../bout';
import type { Findings, Scenario } from '../scenario';

const READABLE_WITHIN_MS = 2_000;
const TIMES = 10;

/** An endless loop right after `start()`: who looks finds the record that is stuck, while it is stuck. */
export const SPIN: Scenario = {
  name: 'spin',
  breaks: 'while (true) right after start(): the record must be readable within 2 s while the process spins',
  run: async (bout: Bout): Promise<Findings> => {
    const times: number[] = [];
    for (let time = 0; time < (bout.lab.short ? 1 : TIMES); time += 1) times.push(await spinOnce(bout));
    const slowest = Math.max(...times);
    return {
      notes: [`readable after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms, the process still spinning`],
      // A machine that is busy with other specs proves nothing by being slow.
      problems:
        slowest > READABLE_WITHIN_MS && !bout.lab.short
          ? [`readable after ${slowest.toFixed(0)} ms only`]
          : [],
    };
  },
};

/** @returns milliseconds until `GET /lineage/{id}` tells that the record has started */
async function spinOnce(bout: Bout): Promise<number> {
  const pipeline = bout.start('spin');
  const [, id] = await pipeline.waitForOutput(/spinning (\S+)\n/);
  const since = performance.now();
  await eventually(
    async () => {
      const response = await fetch(`${bout.lab.query.url}/api/v1/lineage/${id}`);
      const record = (await response.json()) as { started?: boolean };
      return record.started === true;
    },
    'the record to be readable',
    { timeoutMs: 30_000 },
  );
  const took = performance.now() - since;
  // Throws when there is no such process any more.
  process.kill(pipeline.pid, 0);
  pipeline.signal('SIGKILL');
  await pipeline.exit;
  return took;
}
