// npm run chaos: breaks a running system in every way the recorder promises to get over. Ctrl-C cleans up.
import { Scope } from '../scratch/scope';
import { runTool, type Terminal } from '../scratch/terminal';
import { openLab, type Lab } from './lab';
import { HELP, listOf, readOptions, type Options } from './options';
import { exitCodeOf, jsonLine, table, type Failure } from './report';
import { runScenario } from './run-scenario';
import type { Outcome, Scenario } from './scenario';
import { SCENARIOS } from './scenarios';

async function main(terminal: Terminal): Promise<number> {
  const options = readOptions(process.argv.slice(2), SCENARIOS);
  if (options.action !== 'run') {
    process.stdout.write(options.action === 'help' ? HELP : listOf(SCENARIOS));
    return 0;
  }
  const scope = new Scope(terminal.say);
  try {
    return await run(options, await openLab(terminal, scope, options));
  } finally {
    await scope.close();
  }
}

async function run({ scenarios, json }: Options, lab: Lab): Promise<number> {
  const results: (Outcome | Failure)[] = [];
  for (const scenario of scenarios) {
    const result = await resultOf(scenario, lab);
    await repair(lab);
    if (lab.signal.aborted) break;
    results.push(result);
    if (json) process.stdout.write(`${jsonLine(result)}\n`);
  }
  if (!json && results.length > 0) process.stdout.write(`\n${table(results)}`);
  return exitCodeOf(results);
}

/** A scenario that fails does not keep the others from running. */
async function resultOf(scenario: Scenario, lab: Lab): Promise<Outcome | Failure> {
  try {
    const outcome = await runScenario(scenario, lab);
    const verdict = outcome.held ? 'held' : `did not hold: ${outcome.problems.join('; ')}`;
    lab.say(`${scenario.name}: ${verdict} (${outcome.seconds.toFixed(0)} s)`);
    return outcome;
  } catch (error) {
    const failure = { name: scenario.name, error: error instanceof Error ? error.message : String(error) };
    if (!lab.signal.aborted) lab.say(`${scenario.name}: failed: ${failure.error}`);
    return failure;
  }
}

/** What a failed scenario left broken must not break the next one. */
async function repair({ proxy, database, signal }: Lab): Promise<void> {
  proxy.restore();
  if (!signal.aborted) await database.start();
}

await runTool(HELP, main);
