import { createLineageRecorder, type LineageRecord } from '@factflow/lineage';
import { jetstream, type JsMsg } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { say, variable } from '../environment';

// A service without Nest: embeds chunks, one after the other. `flaky` fails at its first attempt; at `hold` it stops for
// good, unless RESTARTED, so that it can be killed in the middle of that message.

const lineage = createLineageRecorder({
  endpoint: variable('ENDPOINT'),
  service: 'worker',
  spoolDirectory: variable('SPOOL'),
});
const connection = await connect({ servers: variable('NATS_URL') });
const consumer = await jetstream(connection).consumers.get(variable('STREAM'), 'worker');
const restarted = process.env['RESTARTED'] === 'yes';

function embed(record: LineageRecord, chunk: string, attempt: number): void {
  if (chunk === 'flaky' && attempt === 1) throw new RangeError('the model was busy');
  const stored = record.registerChild({ route: 'documents', adapter: 'store', input: chunk, started: true });
  stored.complete({ output: chunk });
  record.complete({ output: chunk.length });
}

async function work(message: JsMsg): Promise<void> {
  const chunk = message.string();
  const attempt = message.info.deliveryCount;
  const record = lineage.resume(message.headers, { attempt });
  record.start();
  say(`attempt ${attempt} at ${chunk}`);
  if (chunk === 'hold' && !restarted) {
    await lineage.flush();
    say(`holding ${record.id}`);
    await new Promise(() => setInterval(() => undefined, 60_000));
  }
  try {
    embed(record, chunk, attempt);
  } catch (error) {
    record.fail(error);
    message.nak();
    return;
  }
  // What is acknowledged is not delivered again: what is known of it has to be safe by then.
  await lineage.flush();
  await message.ackAck();
}

for (;;) {
  const message = await consumer.next({ expires: 1000 });
  if (message) await work(message);
}
