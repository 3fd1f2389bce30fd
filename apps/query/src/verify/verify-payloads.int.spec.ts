import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { newId, type Heartbeat, type PayloadRef } from '@factflow/domain';
import { anId, completed, registered, started } from '@factflow/domain/testing';
import { openPayloadStore } from '@factflow/payloads';
import { ArrivedSequences, createDataSource, recordHeartbeat, writeCoverage } from '@factflow/store';
import { startQueryApp, type QueryApp } from '../testing/query-app';
import { verify } from '../testing/verifying';

const keyOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const reference = (text: string, redacted = false): PayloadRef => ({
  key: keyOf(text),
  redacted,
  contentType: 'text/plain; charset=utf-8',
});

describe('a verification of payloads', () => {
  let app: QueryApp;
  beforeAll(async () => (app = await startQueryApp()));
  afterAll(() => app.close());

  const fileOf = (text: string): string => {
    const digest = keyOf(text).slice('sha256:'.length);
    return join(app.payloadFolder, 'sha256', digest.slice(0, 2), digest);
  };
  const keep = async (text: string): Promise<void> => {
    const store = openPayloadStore(`file:${app.payloadFolder}`);
    await store.put(keyOf(text), Readable.from([Buffer.from(text)]), { maxBytes: 1e6 });
    await store.close();
    await app.storePayload(keyOf(text));
  };

  /** A record with an input and an output, and another with the same input, redacted. */
  const anExecution = async (name: string) => {
    const executionId = newId();
    const at = { executionId };
    const [first, second] = [anId(), anId()];
    const [input, output] = [`${name}: in`, `${name}: out`];
    await app.store([
      registered(first, at, { inputHash: keyOf(input), inputPayload: reference(input) }),
      started(first, at, { inputHash: keyOf(input), inputPayload: reference(input) }),
      completed(first, at, { outputHash: keyOf(output), outputPayload: reference(output) }),
      registered(second, at, { inputHash: keyOf('secret'), inputPayload: reference(input, true) }),
    ]);
    await keep(input);
    await keep(output);
    return { executionId, first, second, input, output };
  };

  it('reads each once, and finds nothing where all are whole', async () => {
    const { executionId } = await anExecution('whole');
    const { findings, summary } = await verify(app, executionId);
    expect(findings).toEqual([]);
    expect(summary.checked.payloads).toBe(2);
  });

  it('names the payload of which a byte was flipped, and the record that names it', async () => {
    const { executionId, first, output } = await anExecution('flipped');
    const bytes = readFileSync(fileOf(output));
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    chmodSync(fileOf(output), 0o600);
    writeFileSync(fileOf(output), bytes);
    const { findings, summary } = await verify(app, executionId);
    expect(findings).toMatchObject([
      {
        kind: 'payload_corrupt',
        record_id: first,
        key: keyOf(output),
        field: 'output_payload',
        difference: true,
      },
    ]);
    expect(summary.differences).toBe(1);
  });

  it('names the payload that cannot be read, and goes on with the others', async () => {
    const { executionId, first, input, output } = await anExecution('unreadable');
    rmSync(fileOf(input));
    mkdirSync(fileOf(input));
    rmSync(fileOf(output));
    const { findings, summary } = await verify(app, executionId);
    expect([...findings].sort((a, b) => a.kind.localeCompare(b.kind))).toMatchObject([
      {
        kind: 'payload_missing',
        record_id: first,
        key: keyOf(output),
        field: 'output_payload',
        difference: true,
      },
      {
        kind: 'payload_unreadable',
        record_id: first,
        key: keyOf(input),
        field: 'input_payload',
        difference: true,
        message: expect.stringContaining('EISDIR') as string,
      },
    ]);
    expect(summary).toMatchObject({ differences: 2, unchecked: [] });
    const answer = await app.get(`/api/v1/storage/${keyOf(input)}`);
    expect(answer).toMatchObject({ status: 500, body: { code: 'payload_unreadable' } });
    expect(answer.text).toContain('EISDIR');
  });

  it('names the payload that is gone, and leaves payloads out when it is asked to', async () => {
    const { executionId, first, input } = await anExecution('gone');
    rmSync(fileOf(input));
    const { findings } = await verify(app, executionId);
    expect(findings).toMatchObject([
      {
        kind: 'payload_missing',
        record_id: first,
        key: keyOf(input),
        field: 'input_payload',
        difference: true,
      },
    ]);
    const { body } = await app.get<{ type: string; differences: number; checked: { payloads: number } }[]>(
      `/api/v1/lineage/verify?execution_id=${executionId}&payloads=false`,
    );
    expect(body.at(-1)).toMatchObject({ differences: 0, checked: { payloads: 0 } });
  });

  it('waits for bytes that a recorder still has, and misses them when it is gone', async () => {
    const executionId = newId();
    const [id, recorderId] = [anId(), newId()];
    await app.store([registered(id, { executionId }, { inputPayload: reference('on its way') })]);
    const writing = await createDataSource({
      url: app.databaseUrl,
      poolSize: 1,
      applicationName: 'spec',
    }).initialize();
    const heartbeat = {
      service: 's',
      host: 'h',
      pid: 1,
      startedAt: 1,
      highestSequence: 1,
      queued: 0,
      spooled: 0,
      lost: [],
    };
    const arrived = new ArrivedSequences();
    arrived.add({ executionId, type: 'record.registered', source: { recorderId, sequence: 1 } }, 'new');
    await writeCoverage(writing, arrived);
    await recordHeartbeat(writing, recorderId, { ...heartbeat, mainThreadAgeMs: 0, closed: false });
    expect((await verify(app, executionId)).findings).toMatchObject([
      { kind: 'payload_awaited', difference: false, record_id: id },
    ]);
    await recordHeartbeat(writing, recorderId, { ...heartbeat, mainThreadAgeMs: 0, closed: true });
    expect((await verify(app, executionId)).findings).toMatchObject([
      { kind: 'payload_missing', difference: true, record_id: id },
    ]);
    await writing.destroy();
  });

  it('waits for bytes that whoever started again has adopted, and says whose spool held them when nobody runs', async () => {
    const executionId = newId();
    const [id, dead, next, stranger] = [anId(), newId(), newId(), newId()];
    await app.store([
      {
        ...registered(id, { executionId }, { inputPayload: reference('left behind') }),
        source: { recorderId: dead, sequence: 1 },
      },
    ]);
    const options = { url: app.databaseUrl, poolSize: 1, applicationName: 'spec' };
    const writing = await createDataSource(options).initialize();
    const say = (recorderId: string, more: Partial<Heartbeat>) =>
      recordHeartbeat(writing, recorderId, {
        service: 'keeper',
        host: 'machine-7',
        pid: 41,
        startedAt: 1,
        highestSequence: 1,
        queued: 0,
        spooled: 0,
        lost: [],
        mainThreadAgeMs: 0,
        closed: false,
        ...more,
      });
    const find = async () => (await verify(app, executionId)).findings;
    await say(dead, { payloads: 2 });
    await say(dead, { pid: 0 });
    // Another service, and one of the same that has nothing.
    await say(stranger, { service: 'other', payloads: 9 });
    await say(next, { payloads: 0 });
    expect(await find()).toMatchObject([
      {
        kind: 'payload_missing',
        difference: true,
        message: expect.stringMatching(
          /spool of keeper on machine-7 held 2 payloads.*starting the service/,
        ) as string,
        advice: 'factflow lineage import <spool>',
      },
    ]);
    await say(next, { payloads: 2 });
    expect(await find()).toMatchObject([{ kind: 'payload_awaited', difference: false, record_id: id }]);
    await say(dead, { pid: 0, payloads: 0 });
    await say(next, { payloads: 0, closed: true });
    expect(await find()).toMatchObject([
      {
        kind: 'payload_missing',
        message: expect.stringMatching(/nobody is there to bring them/) as string,
        advice: `factflow lineage get ${id} --execution ${executionId}`,
      },
    ]);
    await writing.destroy();
  });

  it('tells when the bytes that were kept are not those the input hash was taken of, or changed on the way', async () => {
    const executionId = newId();
    const at = { executionId };
    const [kept, moved] = [anId(), anId()];
    await keep('one');
    await keep('two');
    await app.store([
      registered(kept, at, { inputHash: keyOf('one'), inputPayload: reference('two') }),
      registered(moved, at, { inputPayload: reference('one') }),
      started(moved, at, { inputPayload: reference('two') }),
    ]);
    const { findings } = await verify(app, executionId);
    expect(findings).toMatchObject([
      {
        kind: 'input_changed',
        record_id: moved,
        field: 'input_payload',
        stored: keyOf('two'),
        expected: keyOf('one'),
      },
      {
        kind: 'payload_mismatch',
        record_id: kept,
        key: keyOf('two'),
        stored: keyOf('two'),
        expected: keyOf('one'),
      },
    ]);
  });

  it('says that payloads could not be checked when the store is away', async () => {
    const { executionId, input } = await anExecution('away');
    const blocked = await startQueryApp({ config: { payloadStore: `file:${fileOf(input)}` } });
    await blocked.store([registered(anId(), { executionId }, { inputPayload: reference(input) })]);
    const { findings, summary } = await verify(blocked, executionId);
    await blocked.close();
    expect(findings).toEqual([]);
    expect(summary.unchecked).toEqual([expect.stringMatching(/^Payloads: .*ENOTDIR/)]);
  });
});
