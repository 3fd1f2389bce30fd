import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scope } from '../scratch/scope';
import { unlessAborted } from '../scratch/unless-aborted';
import { Bout, throughputOf } from './bout';
import { judge } from './judge';
import type { Lab } from './lab';
import type { Account, Findings, Outcome, Scenario } from './scenario';

/** Below this part of the speed without lineage something waits for what is away. Wide, as other work on the machine shows too. */
const LEAST_RATIO = 0.2;

/** Breaks, heals and judges; whatever the scenario made is gone afterwards. */
export async function runScenario(scenario: Scenario, lab: Lab): Promise<Outcome> {
  const started = performance.now();
  const scope = new Scope(lab.say);
  try {
    lab.say(`${scenario.name}: ${scenario.breaks} ...`);
    const folder = await mkdtemp(join(tmpdir(), 'factflow-chaos-'));
    scope.defer('remove the files of a scenario', () => rm(folder, { recursive: true, force: true }));
    const outcome = await unlessAborted(play(scenario, new Bout(lab, scope, folder)), lab.signal);
    return { ...outcome, seconds: (performance.now() - started) / 1000 };
  } finally {
    await scope.close();
  }
}

async function play(scenario: Scenario, bout: Bout): Promise<Outcome> {
  const findings = await scenario.run(bout);
  const ledgers = bout.ledgers();
  const damaged = await bout.heal();
  const account = await judge(bout, findings);
  const problems = [...(findings.problems ?? []), ...account.problems];
  if (damaged < (findings.damagedPlaces ?? 0))
    problems.push(`${damaged} damaged parts were counted, there are ${findings.damagedPlaces}`);
  const speed = await compare(bout, throughputOf(ledgers), spanOf(ledgers), findings);
  if (!bout.lab.short && speed.ratio < LEAST_RATIO)
    problems.push('the pipeline was slower than anything but waiting makes it');
  return {
    name: scenario.name,
    ...account,
    ...speed,
    problems,
    held: holds(account, problems),
    notes: [...(findings.notes ?? []), ...toldOf(account)],
    seconds: 0,
  };
}

const toldOf = ({ gaps }: Account): string[] =>
  gaps > 0 ? [`GET /recorders tells of ${gaps} events that are missing`] : [];

/** Runs the same work without lineage for as long, with as many pipelines at once. */
async function compare(
  bout: Bout,
  throughput: number,
  span: number,
  { atOnce = 1 }: Findings,
): Promise<Pick<Outcome, 'throughput' | 'baseline' | 'ratio'>> {
  // Where a pipeline does not go on, there is no speed to compare.
  if (throughput === 0) return { throughput: NaN, baseline: NaN, ratio: NaN };
  const budget = bout.lab.short ? 1 : 15;
  const seconds = Math.min(budget / 3, Math.max(0.2, span));
  const baseline = await bout.baseline(seconds, atOnce, Math.round(budget / seconds));
  return { throughput, baseline, ratio: throughput / baseline };
}

const spanOf = (ledgers: ReturnType<Bout['ledgers']>): number =>
  ledgers.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, ledgers.length);

/** Everything that returned is stored once, but for what the scenario itself destroyed. */
export const holds = (account: Account, problems: readonly string[]): boolean =>
  account.returned > 0 &&
  account.duplicates === 0 &&
  account.unaccounted === 0 &&
  account.returned - account.stored <= account.destroyed &&
  problems.length === 0;
