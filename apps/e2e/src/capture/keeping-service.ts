import { createLineageRecorder } from '@factflow/lineage';

// A service that keeps messages: one record for each of the texts in INPUTS, then it does as HOW says.
//   kill    kills itself before its event loop turns
//   spin    blocks its event loop for ever
//   idle    lives on
// The word SECRET is taken out of every message before it leaves the process.
const variable = (name: string): string => process.env[name] ?? '';

const lineage = createLineageRecorder({
  endpoint: variable('ENDPOINT'),
  service: 'keeping',
  spoolDirectory: variable('SPOOL'),
  retry: { initialDelayMs: 20, maxDelayMs: 200 },
  capture: {
    default: 'both',
    redact: (message) => (typeof message === 'string' ? message.replaceAll('SECRET', '***') : message),
  },
});
const inputs = JSON.parse(variable('INPUTS') || '[]') as string[];
const execution = inputs.length > 0 ? lineage.startExecution({ name: 'keeping' }) : undefined;
for (const input of inputs) {
  const options = { route: 'documents', adapter: 'chunker', input, ...(execution && { execution }) };
  lineage.run(options, () => ({ characters: input.length }));
}
execution?.complete();
const tell = (): void => void process.stdout.write(`payloads ${JSON.stringify(lineage.status().payloads)}\n`);
tell();
if (variable('HOW') === 'kill') process.kill(process.pid, 'SIGKILL');
if (variable('HOW') === 'spin') for (;;);
setInterval(tell, 50);
