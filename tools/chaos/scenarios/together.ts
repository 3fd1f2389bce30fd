import { atWork, type Bout } from '../bout';
import type { Findings, Scenario } from '../scenario';

/** Two processes spool into one directory; one is killed, and two more come for what it left. */
export const TWO_PROCESSES: Scenario = {
  name: 'two-processes',
  breaks: 'two processes on one spool directory, one killed, two more that race to ship what it left',
  run: async (bout: Bout): Promise<Findings> => {
    bout.lab.proxy.cut();
    const [dead, alive] = [bout.start(), bout.start()];
    await Promise.all([atWork(dead), atWork(alive)]);
    await bout.wait(bout.lab.short ? 1_000 : 10_000);
    dead.signal('SIGKILL');
    await dead.exit;
    bout.lab.proxy.restore();
    await alive.stop(30_000);
    const others = [bout.start(), bout.start()];
    await Promise.all(others.map((each) => atWork(each)));
    await bout.wait(1_000);
    await Promise.all(others.map((each) => each.stop(30_000)));
    return { atOnce: 2, notes: ['two pipelines at once, with lineage and without'] };
  },
};

// In the pipeline's own thread, an hour back after a second, and an hour more after another: as an administrator or a
// virtual machine does it. The clock of the machine itself cannot be set here.
const STEPPING_BACK = `
  const Real = Date;
  const began = Real.now();
  const back = () => Math.min(2, Math.floor((Real.now() - began) / 1000)) * 3600000;
  globalThis.Date = class extends Real {
    constructor(...args) { if (args.length > 0) super(...args); else super(Real.now() - back()); }
    static now() { return Real.now() - back(); }
  };`;

export const CLOCK_BACK: Scenario = {
  name: 'clock-back',
  breaks: 'the clock of the process stepping back an hour, twice, the command app away in between',
  run: async (bout: Bout): Promise<Findings> => {
    const preload = `data:text/javascript,${encodeURIComponent(STEPPING_BACK)}`;
    const pipeline = bout.start('run', {}, { NODE_OPTIONS: `--import=${preload}` });
    await atWork(pipeline);
    bout.lab.proxy.cut();
    await bout.wait(1_500);
    bout.lab.proxy.restore();
    await bout.wait(bout.lab.short ? 1_000 : 5_000);
    await pipeline.stop(30_000);
    return { notes: ['a shifted Date in the process, as the clock of the machine cannot be set'] };
  },
};
