import 'reflect-metadata';
import { once } from 'node:events';
import { NestFactory } from '@nestjs/core';
import { LineageRecorder } from '@factflow/lineage/nest';
import { AppModule } from './app.module';
import { Audit } from './audit';
import { readConfig, USAGE, UsageError, type Config } from './config';
import { lineageLines, summaryLines } from './report-lines';

const say = (...lines: string[]): void => lines.forEach((line) => process.stdout.write(`${line}\n`));
const complain = (message: string): void => void process.stderr.write(`${message}\n`);

/** @returns the exit code: 0 when the audit ran, whatever it found; 1 when it could not, or was stopped */
async function main(config: Config): Promise<number> {
  const app = await NestFactory.createApplicationContext(AppModule.with(config), {
    logger: ['warn', 'error'],
  });
  app.enableShutdownHooks();
  const recorder = app.get(LineageRecorder);
  let code = 0;
  let executionId: string | undefined;
  try {
    say(`Auditing the packages installed in ${config.directory}`);
    const begun = performance.now();
    const onProgress = (packages: number): void => say(`  ${packages.toLocaleString('en')} packages so far`);
    const result = await app.get(Audit).run({ ...config, onProgress });
    ({ executionId } = result);
    say(...summaryLines(result.summary, (performance.now() - begun) / 1000));
    say(result.stopped ? 'Stopped before the end: there is no report.' : `Report: ${config.reportFile}`);
    if (result.stopped) code = 1;
  } catch (error) {
    complain(`The audit could not go on: ${error instanceof Error ? error.message : String(error)}`);
    code = 1;
  }
  // Flushes, and says so while it waits.
  await app.close();
  say(...lineageLines(recorder.status()));
  if (executionId !== undefined) say(`execution ${executionId}`);
  return code;
}

/** Takes the messages of replays until somebody ends it. @returns the exit code */
async function serve(config: Config): Promise<number> {
  const app = await NestFactory.createApplicationContext(AppModule.with(config), {
    logger: ['warn', 'error'],
  });
  say(`Takes the messages of replays${config.broken ? ', with an adapter that is broken' : ''}.`);
  // Waiting for a signal alone keeps no process alive.
  const wakefulness = setInterval(() => undefined, 2 ** 30);
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  clearInterval(wakefulness);
  await app.close();
  say(...lineageLines(app.get(LineageRecorder).status()));
  return 0;
}

try {
  const config = readConfig(process.argv.slice(2), process.env);
  process.exitCode = await (config.serve ? serve(config) : main(config));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  complain(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
