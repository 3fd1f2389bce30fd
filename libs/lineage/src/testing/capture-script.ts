import { createLineageRecorder } from '../recorder';

// A pipeline service that keeps messages: node capture-script '<options as JSON>' <how> [count]
//   kill    records so many facts with an input each, and kills itself before its event loop turns
//   spin    does the same, then blocks its event loop for ever
//   count   does the same, flushes, tells the result and its status as JSON every now and then
//   short   does the same, closes, and ends
//   idle    records nothing, and tells its status every now and then
const [options = '{}', how = 'idle', count = '3'] = process.argv.slice(2);
const lineage = createLineageRecorder({
  capture: { default: 'both' },
  ...(JSON.parse(options) as { endpoint: string }),
});
const tell = (): void => void process.stdout.write(`status ${JSON.stringify(lineage.status())}\n`);

if (how !== 'idle') {
  const execution = lineage.startExecution({ name: 'capture' });
  for (let made = 1; made <= Number(count); made += 1) {
    const input = `input ${made} ${'x'.repeat(made * 1_000)}`;
    const record = execution.register({ route: 'documents', adapter: 'chunker', input });
    record.start();
    record.complete({ output: { made } });
  }
}
switch (how) {
  case 'kill':
    process.kill(process.pid, 'SIGKILL');
    break;
  case 'spin':
    for (;;);
  case 'count':
    await lineage.flush();
    break;
  case 'short':
    await lineage.close();
    process.exit(0);
}
tell();
setInterval(tell, 50);
process.on('SIGTERM', () => void lineage.close().then(() => process.exit(0)));
