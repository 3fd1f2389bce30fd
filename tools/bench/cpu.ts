import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import type { App } from '../scratch/apps';
import { median } from './numbers';
import type { Server } from '../scratch/server';

/** Of Linux: what times in /proc are counted in. */
const TICK_MS = 10;

/** CPU milliseconds that somebody has used so far; undefined where that cannot be known. */
type Clock = () => Promise<number | undefined>;

const bench: Clock = () => {
  const { user, system } = process.cpuUsage();
  return Promise.resolve((user + system) / 1000);
};

const ofApp =
  ({ url }: App): Clock =>
  async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const seconds = /^process_cpu_seconds_total (\S+)/m.exec(text)?.[1];
    return seconds === undefined ? undefined : Number(seconds) * 1000;
  };

/** All processes of the server, its writers included. They outlive a run: connections are kept. */
const ofServer =
  (client: Client): Clock =>
  async () => {
    const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
    const times = await Promise.all(rows.map(({ pid }) => ticksOf(pid)));
    return times.reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) * TICK_MS;
  };

async function ticksOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name of the program, in brackets, may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && Number(fields[11]) + Number(fields[12]);
}

/** Counts the CPU time that runs take, by who takes it: less noisy than the clock on the wall, and it says what limits. */
export class CpuMeter {
  private readonly clocks: readonly (readonly [who: string, clock: Clock])[];
  private readonly used = new Map<string, number[]>();

  /** @param client to a server of this machine; of another one nothing is known */
  constructor(server: Pick<Server, 'own'>, client: Client, app?: App) {
    const known = server.own && process.platform === 'linux';
    this.clocks = [
      ['bench', bench],
      ...(app ? ([['app', ofApp(app)]] as const) : []),
      ...(known ? ([['PostgreSQL', ofServer(client)]] as const) : []),
    ];
  }

  /** Does one run. @param units what its cost is divided by */
  async during<T>(units: number, work: () => Promise<T>): Promise<T> {
    const before = await this.read();
    const result = await work();
    const after = await this.read();
    this.clocks.forEach(([who], n) => {
      const [from, to] = [before[n], after[n]];
      if (from === undefined || to === undefined) return;
      this.used.set(who, [...(this.used.get(who) ?? []), ((to - from) * 1000) / units]);
    });
    return result;
  }

  /** `app 20.1, PostgreSQL 14.7 µs`: medians for one unit. */
  text(): string {
    const parts = [...this.used].map(([who, micros]) => `${who} ${median(micros).toFixed(1)}`);
    return `${parts.join(', ')} µs`;
  }

  private read(): Promise<(number | undefined)[]> {
    return Promise.all(this.clocks.map(([, clock]) => clock()));
  }
}
