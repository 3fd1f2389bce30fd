import { writeSync } from 'node:fs';
import { createLineageRecorder } from '../recorder';

// A pipeline service with a spool: node spool-script '<options as JSON>' <how> [count]
//   run     records facts one after the other, forever, telling the number of each on stdout after its call
//   spin    registers and starts a record, then blocks its event loop for ever
//   count   records so many facts, flushes, tells the result and its status as JSON and idles
//   live    records so many facts, and idles as below
//   close   records so many facts, closes and exits
//   end     records so many facts and has nothing more to do
//   exit    records so many facts and calls process.exit
//   flush and exit  records so many facts, flushes, tells its status as JSON and calls process.exit
//   throw   records so many facts and breaks
//   idle    records nothing and idles, telling its status every now and then
const [options = '{}', how, count = '10'] = process.argv.slice(2);
const lineage = createLineageRecorder(JSON.parse(options) as { endpoint: string });
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function record(events: number): void {
  const execution = lineage.startExecution({ name: 'spool' });
  for (let made = 1; made < events; made += 1) execution.register({ route: 'documents', adapter: 'last' });
}

/** What was told must be written before the next call: a pipe takes it synchronously, so a kill cannot come between. */
function runForever(): void {
  const execution = lineage.startExecution({ name: 'spool' });
  const step = (): void => {
    for (let made = 0; made < 20; made += 1) {
      execution.register({ route: 'documents', adapter: 'last' });
      say(`recorded ${lineage.status().sequence}`);
    }
    setImmediate(step);
  };
  step();
}

switch (how) {
  case 'run':
    runForever();
    break;
  case 'spin': {
    const record = lineage
      .startExecution({ name: 'spin' })
      .register({ route: 'documents', adapter: 'stuck' });
    record.start();
    say(`spinning ${record.id}`);
    for (;;);
  }
  case 'close':
    record(Number(count));
    void lineage.close().then(() => process.exit(0));
    break;
  case 'end':
    record(Number(count));
    break;
  case 'exit':
    record(Number(count));
    process.exit(3);
  // eslint-disable-next-line no-fallthrough -- never reached
  case 'throw':
    record(Number(count));
    throw new Error('the service broke');
  case 'flush and exit':
    record(Number(count));
    void lineage.flush().then(() => {
      writeSync(1, `status ${JSON.stringify(lineage.status())}\n`);
      process.exit(0);
    });
    break;
  case 'count':
    record(Number(count));
    void lineage.flush().then((result) => {
      say(`flushed ${JSON.stringify(result)}`);
      say(`status ${JSON.stringify(lineage.status())}`);
    });
    setInterval(() => undefined, 1000);
    break;
  default:
    if (how === 'live') record(Number(count));
    setInterval(() => say(`status ${JSON.stringify(lineage.status())}`), 100);
}
process.on(
  'SIGTERM',
  () =>
    void lineage.close().then(() => {
      say('closed');
      process.exit(0);
    }),
);
