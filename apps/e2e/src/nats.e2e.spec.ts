import { eventually, startProcess, type TestProcess } from '@factflow/testing';
import { AckPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { factflow } from './testing/cli';
import { startBroker, type Broker } from './testing/nats';
import { get, getAll } from './testing/posting';
import { startSystem, type System } from './testing/system';

interface Attempt {
  readonly id: string;
  readonly completion: string;
}
interface Shown extends Attempt {
  readonly adapter_name: string;
  readonly parent_id: string | null;
  readonly status: string;
  readonly retry_of: string | null;
  readonly input_hash: string | null;
  readonly metadata: { readonly chunk?: string } | null;
  readonly conflicts: number;
  readonly retry?: Attempt | null;
}

const ACK_WAIT_MS = 1000;
const NANOSECONDS = 1_000_000;
const CHUNKS = [
  'first',
  'flaky',
  'second',
  'third',
  'hold',
  ...Array.from({ length: 20 }, (_, n) => `chunk${n}`),
];

// The server may be somebody's: nothing of another run is met.
const name = `factflow-${randomUUID()}`;
const spool = mkdtempSync(join(tmpdir(), 'factflow-nats-spool-'));
let broker: Broker;
let streams: JetStreamManager;
let system: System;

beforeAll(async () => {
  [broker, system] = await Promise.all([startBroker(), startSystem()]);
  streams = await jetstreamManager(broker.connection);
  await streams.streams.add({ name, subjects: [`${name}.chunks`] });
  await streams.consumers.add(name, {
    durable_name: 'worker',
    ack_policy: AckPolicy.Explicit,
    ack_wait: ACK_WAIT_MS * NANOSECONDS,
  });
}, 60_000);
afterAll(async () => {
  if (broker?.shared) await streams.streams.delete(name);
  await broker?.stop();
  await system?.stop();
  rmSync(spool, { recursive: true });
}, 60_000);

/** Starts one of the programs in `nats/`, as the build leaves it. */
const start = (program: string, env: Readonly<Record<string, string>> = {}): TestProcess =>
  startProcess(process.execPath, [join(__dirname, '../../../dist/apps/e2e', `${program}.mjs`)], {
    env: {
      NATS_URL: broker.url,
      ENDPOINT: system.command.url,
      STREAM: name,
      SUBJECT: `${name}.chunks`,
      CHUNKS: CHUNKS.join(' '),
      SPOOL: spool,
      ...env,
    },
  });
const ask = async <Body>(path: string): Promise<Body> => (await get<Body>(system.query.url, path)).body;
const recordsOf = (executionId: string): Promise<Shown[]> =>
  getAll<Shown>(system.query.url, `/lineage?execution_id=${executionId}&sort=started_at`);

describe('a message that is sent to another process', () => {
  let executionId: string;
  let chunkerId: string;
  let heldId: string;
  let records: Shown[];

  beforeAll(async () => {
    const source = start('source');
    [, executionId = '', chunkerId = ''] = await source.waitForOutput(/execution (\S+) chunker (\S+)\n/);
    expect(await source.exit).toMatchObject({ code: 0 });
    const killed = start('worker');
    [, heldId = ''] = await killed.waitForOutput(/holding (\S+)\n/);
    killed.signal('SIGKILL');
    await killed.exit;
    const restarted = start('worker', { RESTARTED: 'yes' });
    await eventually(
      async () => {
        const { num_pending: waiting, num_ack_pending: unacknowledged } = await streams.consumers.info(
          name,
          'worker',
        );
        expect({ waiting, unacknowledged }).toEqual({ waiting: 0, unacknowledged: 0 });
      },
      'every message to be acknowledged',
      { timeoutMs: 60_000 },
    );
    await restarted.stop();
    records = await recordsOf(executionId);
  }, 120_000);

  const embedders = (chunk: string): Shown[] => {
    const first = records.find(({ metadata }) => metadata?.chunk === chunk);
    return records.filter(({ id, retry_of: retryOf }) => id === first?.id || retryOf === first?.id);
  };

  it('is in the graph once, a child of what sent it, with what came of it below', () => {
    const firsts = records.filter((r) => r.adapter_name === 'embedder' && r.retry_of === null);
    expect(firsts.map(({ metadata }) => metadata?.chunk).sort()).toEqual([...CHUNKS].sort());
    expect(new Set(records.filter((r) => r.adapter_name === 'embedder').map((r) => r.parent_id))).toEqual(
      new Set([chunkerId]),
    );
    for (const chunk of CHUNKS) {
      const done = embedders(chunk).filter(({ completion }) => completion === 'done');
      expect({ chunk, done: done.length }).toEqual({ chunk, done: 1 });
      expect(records.filter(({ parent_id: parent }) => parent === done[0]?.id)).toMatchObject([
        { adapter_name: 'store', completion: 'done' },
      ]);
    }
    expect(records.filter(({ conflicts }) => conflicts > 0)).toEqual([]);
  });

  it('has a record for every attempt, and only what the kill left is still pending', () => {
    const outcomes = (chunk: string): string[] => embedders(chunk).map(({ completion }) => completion);
    expect([outcomes('flaky'), outcomes('hold'), outcomes('first')]).toEqual([
      ['failed', 'done'],
      ['pending', 'done'],
      ['done'],
    ]);
    expect(embedders('hold').map((r) => r.id)[0]).toBe(heldId);
    for (const [first, retry] of [embedders('flaky'), embedders('hold')]) {
      expect(retry).toMatchObject({
        retry_of: first?.id,
        parent_id: first?.parent_id,
        input_hash: first?.input_hash,
      });
    }
    expect(records.filter(({ status }) => status === 'pending').map(({ id }) => id)).toEqual([heldId]);
  });

  it('is found from its source, whichever process recorded it, and the execution says what it waits for', async () => {
    const chain = await ask<{ record: Shown; descendants: Shown[]; completion: string }>(
      `/lineage/${chunkerId}/chain?limit=1000`,
    );
    expect(chain.completion).toBe('awaiting_children');
    expect([chain.record, ...chain.descendants].map(({ id }) => id).sort()).toEqual(
      records.map(({ id }) => id).sort(),
    );
    // The chunker waits for the attempt the kill left, and for nothing else.
    expect(chain.record).toMatchObject({ status: 'completed', pending_children: 1 });
    expect(await ask(`/executions/${executionId}`)).toMatchObject({
      status: 'completed',
      completion: 'awaiting_records',
      unsettled: 2,
      placeholders: 0,
    });
  });

  it('that failed shows among the failures with the retry that completed', async () => {
    const [failed, retry] = embedders('flaky');
    const { items } = await ask<{ items: Shown[] }>(`/lineage/failures?execution_id=${executionId}`);
    expect(items).toMatchObject([{ id: failed?.id, retry: { id: retry?.id, completion: 'done' } }]);
    const { stdout } = await factflow(
      system.query.url,
      ...['lineage', 'failures', '--execution', executionId, '-o', 'table'],
    );
    expect(stdout).toMatch(new RegExp(`${failed?.id}.* retry done .*the model was busy`));
  });
});

describe('messages between two Nest services', () => {
  it('are records of one chain: what sent them, their handlers, what those call and send', async () => {
    const service = start('nest-service', { ROLE: 'service' });
    await service.waitForOutput('listening');
    const caller = start('nest-service', { ROLE: 'caller' });
    expect(await caller.exit).toMatchObject({ code: 0 });
    expect(caller.stdout.match(/answer .*/g)).toEqual(['answer 4', 'answer failed']);
    await service.waitForOutput('stored {"vector":4}');
    await service.stop();
    const [fine = '', poison = ''] = [...caller.stdout.matchAll(/chunker (\S+)/g)].map(([, id]) => id);
    const below = async (id: string): Promise<string[]> => {
      const { descendants } = await ask<{ descendants: (Shown & { depth: number })[] }>(
        `/lineage/${id}/chain`,
      );
      return descendants.map((r) => `${r.depth} ${r.adapter_name} ${r.completion} ${r.conflicts}`).sort();
    };
    expect(await below(fine)).toEqual(['1 embed done 0', '2 model done 0', '2 store done 0']);
    expect(await below(poison)).toEqual(['1 embed failed 0', '2 model failed 0']);
    for (const id of [fine, poison]) {
      const { execution_id: executionId } = await ask<{ execution_id: string }>(`/lineage/${id}`);
      expect(await ask(`/executions/${executionId}`)).toMatchObject({ completion: 'done' });
    }
  }, 60_000);
});
