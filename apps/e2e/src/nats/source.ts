import { createLineageRecorder } from '@factflow/lineage';
import { jetstream } from '@nats-io/jetstream';
import { connect, headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { say, variable } from '../environment';

// A service without Nest: cuts a document into chunks, and sends each to whoever embeds it.

const lineage = createLineageRecorder({
  endpoint: variable('ENDPOINT'),
  service: 'source',
  spoolDirectory: variable('SPOOL'),
});
const connection = await connect({ servers: variable('NATS_URL') });
const broker = jetstream(connection);
const chunks = variable('CHUNKS').split(' ');

const asNats = (headers: object): MsgHdrs => {
  const result = natsHeaders();
  for (const [name, value] of Object.entries(headers)) result.set(name, value as string);
  return result;
};

const execution = lineage.startExecution({ name: 'nats-story' });
const chunker = execution.register({
  route: 'documents',
  adapter: 'chunker',
  input: chunks.join(' '),
  started: true,
});
const children = chunks.map((chunk) =>
  chunker.registerChild({ route: 'documents', adapter: 'embedder', input: chunk, metadata: { chunk } }),
);
chunker.complete({ output: chunks });
execution.complete();
for (const [place, chunk] of chunks.entries())
  await broker.publish(variable('SUBJECT'), chunk, { headers: asNats(children[place]?.headers() ?? {}) });
await connection.drain();
await lineage.close();
say(`execution ${execution.id} chunker ${chunker.id}`);
