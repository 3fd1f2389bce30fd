import { atWork, type Bout, type Pipeline } from '../bout';
import type { Findings, Scenario } from '../scenario';

const KILLS = 200;
const SHORT_KILLS = 5;
/** The kill comes up to so long after the pipeline is at work. */
const WITHIN_MS = 400;

/** SIGKILL at random points: what a process leaves, the next one ships while it works itself. */
export const KILL: Scenario = {
  name: 'kill',
  breaks:
    'SIGKILL at random points, the command app away for every other one; the next start ships what is left',
  run: async (bout: Bout): Promise<Findings> => {
    const { kills = bout.lab.short ? SHORT_KILLS : KILLS, proxy, say } = bout.lab;
    for (let kill = 0; kill < kills; kill += 1) {
      if (kill % 2 === 0) proxy.cut();
      else proxy.restore();
      await killOne(bout.start(), bout);
      if (kill % 20 === 19) say(`kill: ${kill + 1} of ${kills}`);
    }
    proxy.restore();
    return { notes: [`${kills} kills`] };
  },
};

async function killOne(pipeline: Pipeline, bout: Bout): Promise<void> {
  await atWork(pipeline);
  // Not to wait for something: the moment of the kill is what is varied.
  await bout.wait(Math.random() * WITHIN_MS);
  pipeline.signal('SIGKILL');
  await pipeline.exit;
}
