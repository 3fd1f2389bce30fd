import { atWork, type Bout } from '../bout';
import type { Findings, Scenario } from '../scenario';

/** How long a pipeline works on before and after what is done to the system. */
const AROUND_MS = 1_000;

/** The command app is killed and started again, over and over, under load. */
export const COMMAND_KILLED: Scenario = {
  name: 'command-killed',
  breaks: 'the command app killed with SIGKILL and started again under load',
  run: (bout) =>
    underLoad(bout, async () => {
      const { command, short } = bout.lab;
      const times = short ? 1 : 8;
      for (let time = 0; time < times; time += 1) {
        await command.kill();
        await bout.wait(short ? 300 : 1_000);
        await command.restart();
        await bout.wait(short ? 300 : 2_000);
      }
      return [`killed ${times} times`];
    }),
};

/** The database is stopped, for real, and started again under load. */
export const DATABASE_STOPPED: Scenario = {
  name: 'database-stopped',
  breaks: 'the database stopped for a minute (5 s in the short form) under load',
  run: (bout) =>
    underLoad(bout, async () => {
      const { database, short } = bout.lab;
      const ms = short ? 5_000 : 60_000;
      await database.stop();
      await bout.wait(ms);
      await database.start();
      return [`away for ${ms / 1000} s`];
    }),
};

/** Requests and answers are cut in the middle, after a random number of bytes. */
export const CUT_ANSWERS: Scenario = {
  name: 'cut-answers',
  breaks: 'connections cut in the middle of an answer or a request, after a random number of bytes',
  run: (bout) =>
    underLoad(bout, async () => {
      const { proxy, short } = bout.lab;
      const until = performance.now() + (short ? 3_000 : 30_000);
      let cuts = 0;
      for (; performance.now() < until; cuts += 1) {
        const answer = cuts % 3 !== 0;
        proxy.dropAfter(
          1 + Math.floor(Math.random() * (answer ? 400 : 20_000)),
          answer ? 'response' : 'request',
        );
        await bout.wait(150);
      }
      // What is left of the last cut must not meet the healing.
      proxy.cut();
      proxy.restore();
      return [`${cuts} cuts, two of three within an answer`];
    }),
};

/** Breaks a system while a pipeline works, which is then ended with SIGTERM. */
async function underLoad(bout: Bout, harm: () => Promise<string[]>): Promise<Findings> {
  const pipeline = bout.start();
  await atWork(pipeline);
  await bout.wait(AROUND_MS);
  const notes = await harm();
  await bout.wait(AROUND_MS);
  const exit = await pipeline.stop(30_000);
  return { notes, problems: exit.code === 0 ? [] : [`the pipeline ended with ${JSON.stringify(exit)}`] };
}
