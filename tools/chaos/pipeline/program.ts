// The pipeline that is broken. SIGTERM: closes its recorder and ends; SIGUSR1: process.exit(3); SIGUSR2: throws.
// usage: node chaos-pipeline.mjs '<json of Task>'
import { createLineageRecorder, type LineageRecorder } from '@factflow/lineage';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { setImmediate as otherWork } from 'node:timers/promises';
import { LedgerWriter } from './ledger';
import type { Task } from './task';

/** The work on a message: some milliseconds of one core. */
const ROUNDS = 4_000;
const MESSAGE_BYTES = 1024;
/** The endless loop ends after all when nobody is left to end it. */
const SPIN_MS = 120_000;

const task = JSON.parse(process.argv[2] as string) as Task;
const ledger = new LedgerWriter(openSync(task.ledger, 'a'));
const lineage = task.lineage ? createLineageRecorder(task.lineage) : undefined;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
let ending = false;

process.on('SIGTERM', () => {
  ending = true;
  void Promise.resolve(lineage?.close()).then(() => {
    say(`status ${JSON.stringify(lineage?.status())}`);
    process.exit(0);
  });
});
process.on('SIGUSR1', () => process.exit(3));
process.on('SIGUSR2', () => {
  throw new Error('the pipeline broke');
});

/** Calls the recorder, if there is one; either way the ledger takes the same. */
function call<T>(record: (recorder: LineageRecorder) => T): T | undefined {
  const result = lineage && record(lineage);
  ledger.returned();
  return result;
}

const work = (message: Buffer): Buffer => pbkdf2Sync(message, 'work', ROUNDS, MESSAGE_BYTES / 16, 'sha256');

async function run(): Promise<void> {
  const execution = call((recorder) => recorder.startExecution({ name: 'chaos' }));
  if (lineage && execution) ledger.author({ recorderId: lineage.id, executionId: execution.id });
  const input = randomBytes(MESSAGE_BYTES);
  while (!ending) {
    const chunk = { route: 'documents', adapter: 'chunk', input, started: true };
    const record = call(() => execution?.register(chunk));
    const output = work(input);
    const child = call(() => record?.registerChild({ route: 'documents', adapter: 'embed', input: output }));
    call(() => record?.complete({ output }));
    call(() => child?.start());
    call(() => child?.complete({ output: 'embedded' }));
    ledger.messageDone();
    await otherWork();
  }
}

function spin(): void {
  const execution = call((recorder) => recorder.startExecution({ name: 'chaos' }));
  if (lineage && execution) ledger.author({ recorderId: lineage.id, executionId: execution.id });
  const record = call(() => execution?.register({ route: 'documents', adapter: 'stuck' }));
  call(() => record?.start());
  say(`spinning ${record?.id}`);
  const until = performance.now() + SPIN_MS;
  while (performance.now() < until);
  process.exit(1);
}

if (task.how === 'run') await run();
else if (task.how === 'spin') spin();
else setInterval(() => say(`status ${JSON.stringify(lineage?.status())}`), 100);
