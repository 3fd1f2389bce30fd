import type { LineageEvent } from '@factflow/domain';
import { FlowProducer, Queue, Worker, type ConnectionOptions } from 'bullmq';
import { randomBytes } from 'node:crypto';
import { startApp } from '../../scratch/apps';
import { scaled, timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';
import type { Scope } from '../../scratch/scope';
import { emptyTables } from '../tables';
import { Random } from '../traffic/random';
import { bodiesOf } from '../traffic/requests';
import { sendAll } from '../traffic/send';
import { family } from '../traffic/shapes';

const PARENTS = 400;
const CHILDREN = 20;
const CONNECTIONS = 4;

/** Work whose parent is done when all of its children are, kept by PostgreSQL here and by Redis there. */
export const PEER_BULLMQ: Row = {
  name: 'peer-bullmq',
  measure: `records per second that begin and end until ${PARENTS} parents of ${CHILDREN} children are done, through HTTP`,
  baseline: 'jobs per second of BullMQ flows of the same shape on Redis, with a worker that does nothing',
  unit: '1/s',
  unavailable: (env) => (env['REDIS_URL'] ? undefined : 'it needs a Redis that REDIS_URL names'),
  prepare,
};

async function prepare(bench: Bench, scope: Scope): Promise<Sides> {
  const database = await (await bench.server()).migrated(scope);
  const app = await startApp('command', database.url, bench, scope);
  const watching = await database.connect();
  const parents = scaled(PARENTS, bench.scale);
  const records = parents * (CHILDREN + 1);
  const shares = Array.from({ length: CONNECTIONS }, (): LineageEvent[] => []);
  const random = new Random(21);
  for (let n = 0; n < parents; n += 1)
    shares[n % CONNECTIONS]?.push(...family(random, Date.now() - 3_600_000, CHILDREN));
  const shipments = shares.map((events) => ({ bodies: bodiesOf(events) }));
  const connection = { url: bench.env['REDIS_URL'] as string };
  return {
    candidate: async () => {
      await emptyTables(watching);
      return (records / (await timed(() => sendAll(app.url, shipments)))) * 1000;
    },
    baseline: async () => (records / (await flows(connection, parents))) * 1000,
    notes: () => [
      'BullMQ keeps jobs in the memory of Redis; what is stored here is on disk when it is acknowledged',
    ],
  };
}

/** @returns milliseconds until all parents are done */
async function flows(connection: ConnectionOptions, parents: number): Promise<number> {
  const name = `factflow-bench-${randomBytes(4).toString('hex')}`;
  const producer = new FlowProducer({ connection });
  const queue = new Queue(name, { connection });
  let worker: Worker | undefined;
  try {
    return await timed(async () => {
      const children = Array.from({ length: CHILDREN }, () => ({ name: 'child', queueName: name }));
      const all = Array.from({ length: parents }, () => ({ name: 'parent', queueName: name, children }));
      await producer.addBulk(all);
      await new Promise<void>((resolve, reject) => {
        let done = 0;
        worker = new Worker(name, () => Promise.resolve(), { connection, concurrency: 100 });
        worker.on('error', reject);
        worker.on('completed', (job) => {
          if (job.name === 'parent') done += 1;
          if (done === parents) resolve();
        });
      });
    });
  } finally {
    await worker?.close();
    await queue.obliterate({ force: true });
    await queue.close();
    await producer.close();
  }
}
