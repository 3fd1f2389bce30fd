import { createLineageRecorder } from '../recorder';

// A pipeline service that ends: node exit-script <endpoint> <structured log> <natural|exit|throw|idle> <flushTimeoutMs>
const [endpoint = '', structuredLog = '', how, flushTimeoutMs] = process.argv.slice(2);
const lineage = createLineageRecorder({
  endpoint,
  structuredLog,
  spoolDirectory: false,
  flushTimeoutMs: Number(flushTimeoutMs),
});

const record = (): void => {
  const execution = lineage.startExecution({ name: 'ending' });
  for (let count = 0; count < 10; count += 1) execution.register({ route: 'documents', adapter: 'last' });
};

record();
if (how === 'exit') process.exit(3);
if (how === 'throw') throw new Error('the service broke');
if (how === 'idle') void lineage.flush().then(() => process.stdout.write('flushed, now idle\n'));
