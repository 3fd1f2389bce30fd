import { counted, isId } from '@factflow/domain';
import { runMain, StartupError } from '@factflow/server';
import { executionIds, migrate, rebuildExecution } from '@factflow/store';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readWriterConfig } from '../config';
import { createWriteSource } from '../database/write-source';

/** `npm start` keeps the address of its server there. */
const STARTED = '.factflow/database-url';
const USAGE = 'usage: npm run rebuild -- [--execution ID]';

/** Folds the rows of one execution, or of all, again from the events; ingest may go on meanwhile. */
async function rebuild(): Promise<void> {
  const only = readExecution();
  const dataSource = createWriteSource(
    { ...readWriterConfig(environment()), poolSize: 2 },
    'factflow-rebuild',
  );
  await dataSource.initialize().catch((error: unknown) => {
    throw new StartupError(`The database of DATABASE_URL cannot be reached: ${String(error)}`);
  });
  try {
    await migrate(dataSource);
    let executions = 0;
    let events = 0;
    for await (const id of only === undefined ? executionIds(dataSource) : [only]) {
      const count = await rebuildExecution(dataSource, id);
      if (count === 0 && only !== undefined)
        throw new StartupError(`There are no events of execution ${only}, or it was pruned.`);
      executions += 1;
      events += count;
      process.stderr.write(`rebuilt execution ${id} from ${counted(count, 'event')}\n`);
    }
    process.stdout.write(`rebuilt ${counted(executions, 'execution')} from ${counted(events, 'event')}\n`);
  } finally {
    await dataSource.destroy();
  }
}

function environment(): NodeJS.ProcessEnv {
  const { env } = process;
  return env['DATABASE_URL'] || !existsSync(STARTED)
    ? env
    : { ...env, DATABASE_URL: readFileSync(STARTED, 'utf8').trim() };
}

function readExecution(): string | undefined {
  let execution: string | undefined;
  try {
    ({ execution } = parseArgs({ options: { execution: { type: 'string' } } }).values);
  } catch (error) {
    throw new StartupError(`${(error as Error).message}\n${USAGE}`);
  }
  if (execution !== undefined && !isId(execution))
    throw new StartupError(`--execution: ${execution} is no id\n${USAGE}`);
  return execution?.toLowerCase();
}

void runMain(rebuild);
