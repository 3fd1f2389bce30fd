import 'reflect-metadata';
import {
  Controller,
  Injectable,
  UseInterceptors,
  type ExecutionContext,
  type INestMicroservice,
} from '@nestjs/common';
import {
  ClientKafka,
  ClientMqtt,
  ClientNats,
  ClientProxy,
  ClientProxyFactory,
  ClientRMQ,
  EventPattern,
  MessagePattern,
  MqttRecord,
  NatsRecord,
  Payload,
  RmqRecord,
  RpcException,
  Transport,
  type ReadPacket,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { eventually, freePort } from '@factflow/testing';
import { hashOf } from '@factflow/domain';
import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { firstValueFrom, from, lastValueFrom, NEVER, of, throwError, toArray, type Observable } from 'rxjs';
import { HEADER, type LineageHeaders } from './headers';
import { createLineageTwin, type LineageTwin } from './lineage-twin';
import { withLineage } from './microservices';
import { LineageInterceptor, LineageModule, LineageRecorder, TracedAdapter } from './nest';
import { attemptOf, headersOf } from './rpc-message';

const ROUTE = 'documents';
const AT = { route: ROUTE, adapter: 'discover' };

@Injectable()
class Embedder {
  @TracedAdapter({ route: ROUTE, adapter: 'model' })
  async embed(text: string): Promise<number> {
    if (text === 'poison') throw new RangeError('cannot embed that');
    return text.length;
  }
}

@Controller()
@UseInterceptors(LineageInterceptor)
class Handlers {
  constructor(private readonly embedder: Embedder) {}

  @MessagePattern('embed')
  embed(@Payload() text: string): Promise<number> {
    return this.embedder.embed(text);
  }

  @MessagePattern({ cmd: 'letters' })
  letters(@Payload() text: string): Observable<string> {
    return from([...text]);
  }

  @MessagePattern('same')
  same(@Payload() message: unknown): unknown {
    return message;
  }

  @EventPattern('embedded')
  async embedded(@Payload() text: string): Promise<void> {
    await this.embedder.embed(text);
  }
}

describe('between services over TCP', () => {
  let twin: LineageTwin;
  let service: INestMicroservice;
  let client: ClientProxy;
  let port: number;

  beforeEach(async () => {
    twin = createLineageTwin();
    const module = await Test.createTestingModule({
      imports: [LineageModule.forRoot({ endpoint: 'http://127.0.0.1:1', spoolDirectory: false })],
      controllers: [Handlers],
      providers: [Embedder],
    })
      .overrideProvider(LineageRecorder)
      .useValue(twin.recorder)
      .compile();
    port = await freePort();
    const options = { host: '127.0.0.1', port };
    service = module.createNestMicroservice({ transport: Transport.TCP, options, logger: false });
    await service.listen();
    client = withLineage(ClientProxyFactory.create({ transport: Transport.TCP, options }), { route: ROUTE });
  });
  afterEach(async () => {
    await client.close();
    await service.close();
  });
  const drawn = async (): Promise<string[]> => {
    const records = await twin.records();
    const adapterOf = (id: string | null) => records.find((record) => record.id === id)?.adapterName ?? '-';
    return records.map((r) => `${adapterOf(r.parentId)} > ${r.adapterName} ${r.completion} ${r.conflicts}`);
  };

  it('a request is one record, the work of its handler, with what the handler calls below it', async () => {
    const answer = await twin.recorder.run(AT, () => firstValueFrom(client.send('embed', 'a text')));
    expect(answer).toBe(6);
    expect(await drawn()).toEqual(['- > discover done 0', 'discover > embed done 0', 'embed > model done 0']);
    const [, embed] = await twin.records();
    expect(embed).toMatchObject({ routeId: ROUTE, inputHash: hashOf('a text'), outputHash: hashOf(6) });
  });

  it('tells what the handler was given beside what was sent: the same, unless it changed on the way', async () => {
    const startOf = async (record: { id: string } | undefined): Promise<unknown> =>
      (await twin.events()).find(({ type, recordId }) => type === 'record.started' && recordId === record?.id)
        ?.data;
    const messages = ['a text', 5, [new Date(0), undefined, { a: 1 }], Buffer.of(1)];
    for (const message of messages)
      await twin.recorder.run(AT, () => lastValueFrom(client.send('same', message)));
    const records = await twin.records({ adapterName: 'same' });
    const hashes = await Promise.all(records.map(startOf));
    // Bytes arrive as something else, which is no change that anybody has to be told of.
    expect(hashes).toEqual([...records.slice(0, 3).map(({ inputHash }) => ({ inputHash })), {}]);
    expect(records.map(({ conflicts }) => conflicts)).toEqual([0, 0, 0, 0]);
    const plain = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port },
    });
    const changing = withLineage(plain, { route: ROUTE });
    plain.setOnDispatchHook(
      ((hook) => (packet: ReadPacket) => {
        hook(packet);
        packet.data = 'another text';
      })((plain as unknown as { onDispatchHook: (packet: ReadPacket) => void }).onDispatchHook),
    );
    await twin.recorder.run(AT, () => lastValueFrom(changing.send('same', 'a text')));
    await changing.close();
    const changed = (await twin.records({ adapterName: 'same' })).at(-1);
    expect(changed).toMatchObject({ conflicts: 1, completion: 'done', inputHash: hashOf('a text') });
    expect(await startOf(changed)).toEqual({ inputHash: hashOf('another text') });
  });

  it('a handler that fails fails its record, once, and the error reaches the caller', async () => {
    await expect(
      twin.recorder.run(AT, () => lastValueFrom(client.send('embed', 'poison'))),
    ).rejects.toMatchObject({
      status: 'error',
    });
    expect(await drawn()).toEqual([
      '- > discover failed 0',
      'discover > embed failed 0',
      'embed > model failed 0',
    ]);
    expect((await twin.records())[1]?.error).toMatchObject({ class: 'RangeError' });
  });

  it('a handler that answers with several values is one record that counts them', async () => {
    const send = () => lastValueFrom(client.send({ cmd: 'letters' }, 'abc').pipe(toArray()));
    await expect(twin.recorder.run(AT, send)).resolves.toEqual(['a', 'b', 'c']);
    expect((await twin.records())[1]).toMatchObject({
      adapterName: '{"cmd":"letters"}',
      completion: 'done',
      outputHash: 'unhashed:observable',
      metadata: { yielded: 3 },
    });
  });

  it('an event is recorded though nobody waits for it', async () => {
    await twin.recorder.run(AT, async () => void client.emit('embedded', 'a text'));
    await eventually(
      async () => expect(await twin.executions()).toMatchObject([{ completion: 'done' }]),
      'the event',
    );
    expect(await drawn()).toEqual([
      '- > discover done 0',
      'discover > embedded done 0',
      'embedded > model done 0',
    ]);
  });

  it('every subscription to a request is a message, and a record, of its own', async () => {
    await twin.recorder.run(AT, async () => {
      const request = client.send('embed', 'twice');
      await Promise.all([lastValueFrom(request), lastValueFrom(request)]);
    });
    expect((await twin.records({ adapterName: 'embed' })).map(({ completion }) => completion)).toEqual([
      'done',
      'done',
    ]);
  });

  it('messages sent outside of any work carry nothing, and are handled all the same', async () => {
    await expect(firstValueFrom(client.send('embed', 'a text'))).resolves.toBe(6);
    expect(await drawn()).toEqual(['- > model done 0']);
  });

  it('a message that could not leave fails its record, and the caller hears of it', async () => {
    const options = { host: '127.0.0.1', port: await freePort() };
    const nowhere = withLineage(ClientProxyFactory.create({ transport: Transport.TCP, options }), {
      route: ROUTE,
      adapter: () => 'embedder',
    });
    await twin.recorder.run(AT, async () => {
      await expect(lastValueFrom(nowhere.send('embed', 'a text'))).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
      await expect(lastValueFrom(nowhere.emit('embed', 'a text'))).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
    });
    expect(await drawn()).toEqual([
      '- > discover done 0',
      'discover > embedder failed 0',
      'discover > embedder failed 0',
    ]);
  });

  it('the hook that others set before is still called, and one set later ends what it keeps from being sent', async () => {
    const seen: ReadPacket[] = [];
    const plain = ClientProxyFactory.create({ transport: Transport.TCP, options: {} });
    plain.connect = async () => undefined;
    plain['dispatchEvent'] = async (packet) => void seen.push(packet) as never;
    plain.setOnDispatchHook((packet) => (packet.metadata = { tenant: 'a' }));
    const wrapped = withLineage(plain, { route: ROUTE });
    await twin.recorder.run(AT, () => lastValueFrom(wrapped.emit('embedded', 'x'), { defaultValue: null }));
    expect(seen[0]?.metadata).toMatchObject({ tenant: 'a', [HEADER]: expect.any(String) });
    wrapped.setOnDispatchHook(() => undefined);
    await twin.recorder.run(AT, () => lastValueFrom(wrapped.emit('embedded', 'x'), { defaultValue: null }));
    const [carried, cut] = await twin.records({ adapterName: 'embedded' });
    expect([carried?.completion, cut?.completion]).toEqual(['pending', 'cancelled']);
  });
});

describe('LineageInterceptor', () => {
  let twin: LineageTwin;
  beforeEach(() => {
    twin = createLineageTwin();
  });
  const sent = (): LineageHeaders => twin.recorder.startExecution({ name: 'import' }).register(AT).headers();
  const contextOf = (message: unknown, data?: unknown, type = 'rpc'): ExecutionContext =>
    ({
      getType: () => type,
      switchToRpc: () => ({ getContext: () => message, getData: () => data }),
    }) as never;
  const handled = (answers: Observable<unknown>) => ({ handle: () => answers });

  it('leaves everything alone that is no message, or has no header', async () => {
    const interceptor = new LineageInterceptor(twin.recorder);
    const answers = of(1);
    const http = contextOf({ getHeaders: () => sent() }, undefined, 'http');
    expect(interceptor.intercept(http, handled(answers))).toBe(answers);
    expect(interceptor.intercept(contextOf({}), handled(answers))).toBe(answers);
    expect(await twin.records({ status: 'completed' })).toEqual([]);
  });

  it('records messages without a header as it is told to, in an execution that ends with them', async () => {
    const otherwise = () => ({ ...AT, executionName: 'stray' });
    const interceptor = new LineageInterceptor(twin.recorder, { otherwise });
    await lastValueFrom(interceptor.intercept(contextOf({}), handled(of(1))));
    const broken = interceptor.intercept(contextOf({}), handled(throwError(() => new RpcException('no'))));
    await expect(lastValueFrom(broken)).rejects.toThrow('no');
    expect(await twin.executions()).toMatchObject([
      { name: 'stray', completion: 'done' },
      { name: 'stray', completion: 'failed' },
    ]);
  });

  it('makes a later attempt a record of its own', async () => {
    const message = { properties: { headers: { ...sent(), 'x-delivery-count': 2 } } };
    await lastValueFrom(
      new LineageInterceptor(twin.recorder).intercept(
        contextOf({ getMessage: () => message }),
        handled(of(1)),
      ),
    );
    const told = new LineageInterceptor(twin.recorder, { attempt: () => 4 });
    await lastValueFrom(told.intercept(contextOf({ getHeaders: () => sent() }), handled(of(1))));
    expect((await twin.records({ completion: 'done' })).map(({ retryOf }) => retryOf !== null)).toEqual([
      true,
      true,
    ]);
  });

  it('cancels the record when nobody waits for the answer any more', async () => {
    const interceptor = new LineageInterceptor(twin.recorder);
    const context = contextOf({ getHeaders: () => sent() });
    interceptor.intercept(context, handled(NEVER)).subscribe().unsubscribe();
    expect(await twin.records()).toMatchObject([{ status: 'cancelled' }]);
  });

  it('handles messages whose options and contexts throw', async () => {
    const throwing = (): never => {
      throw new Error('hostile');
    };
    const interceptor = new LineageInterceptor(twin.recorder, { attempt: throwing, otherwise: throwing });
    const hostile = {
      getHeaders: throwing,
      getMessage: throwing,
      getPacket: throwing,
      getMetadata: throwing,
    };
    await expect(lastValueFrom(interceptor.intercept(contextOf(hostile), handled(of(1))))).resolves.toBe(1);
  });
});

describe('messages', () => {
  const headers = { [HEADER]: '1;x', traceparent: '00-x' };

  it('say their headers in the contexts of all transports, and which attempt they are', () => {
    const contexts: readonly [object, unknown?][] = [
      [{ getHeaders: () => headers }],
      [{ getMessage: () => ({ properties: { headers }, fields: { redelivered: false } }) }],
      [{ getMessage: () => ({ headers, value: 'x' }) }],
      [{ getPacket: () => ({ properties: { userProperties: headers } }) }],
      [{ getMetadata: () => headers }],
      [{}, { headers }],
    ];
    for (const [context, payload] of contexts) {
      expect(headersOf(context, payload)).toBe(headers);
      expect(attemptOf(context)).toBe(1);
    }
    const grpc = new Map(Object.entries(headers));
    expect(headersOf(grpc, undefined)).toBe(grpc);
    expect(attemptOf({ getMessage: () => ({ fields: { redelivered: true } }) })).toBe(2);
    expect(attemptOf({ getMessage: () => ({ properties: { headers: { 'x-delivery-count': 4 } } }) })).toBe(5);
    for (const context of [undefined, null, 1, 'text']) {
      expect([headersOf(context, undefined), attemptOf(context)]).toEqual([undefined, 1]);
    }
  });

  describe('of clients with headers', () => {
    let twin: LineageTwin;
    beforeEach(() => {
      twin = createLineageTwin();
    });
    /** What a client that is not connected is given to send. */
    const emitted = async (kind: { prototype: object }, data: unknown): Promise<unknown> => {
      const packets: ReadPacket[] = [];
      const client = Object.assign(Object.create(kind.prototype) as ClientProxy, {
        connect: async () => undefined,
        dispatchEvent: async (packet: ReadPacket) => void packets.push(packet),
      });
      const wrapped = withLineage(client, { route: ROUTE });
      await twin.recorder.run(AT, () => lastValueFrom(wrapped.emit('embed', data), { defaultValue: null }));
      return packets[0]?.data;
    };
    const carried = { [HEADER]: expect.stringContaining('adapter=embed') as string };

    it('carry them beside those they had', async () => {
      const nats = natsHeaders();
      nats.append('tenant', 'a');
      nats.append('tenant', 'b');
      const { data, headers: all } = (await emitted(ClientNats, new NatsRecord('x', nats))) as Required<
        NatsRecord<string, MsgHdrs>
      >;
      expect([data, all.values('tenant'), nats.has(HEADER)]).toEqual(['x', ['a', 'b'], false]);
      expect(all.get(HEADER)).toEqual(carried[HEADER]);
      expect(await emitted(ClientRMQ, new RmqRecord('x', { priority: 3, headers: { tenant: 'a' } }))).toEqual(
        new RmqRecord('x', { priority: 3, headers: { tenant: 'a', ...carried } }),
      );
      expect(await emitted(ClientKafka, { key: 'k', value: 'x', headers: { tenant: 'a' } })).toEqual({
        key: 'k',
        value: 'x',
        headers: { tenant: 'a', ...carried },
      });
      expect(await emitted(ClientMqtt, new MqttRecord('x', { qos: 1 }))).toEqual(
        new MqttRecord('x', { qos: 1, properties: { userProperties: carried } }),
      );
    });

    it('carry them with mere values', async () => {
      const { data, headers: all } = (await emitted(ClientNats, 'x')) as Required<
        NatsRecord<string, MsgHdrs>
      >;
      expect([data, all.get(HEADER)]).toEqual(['x', carried[HEADER]]);
      expect(await emitted(ClientRMQ, 'x')).toEqual(new RmqRecord('x', { headers: carried }));
      expect(await emitted(ClientKafka, 'x')).toEqual({ value: 'x', headers: carried });
      expect((await twin.records({ adapterName: 'embed' })).map(({ inputHash }) => inputHash)).toEqual(
        Array(3).fill(hashOf('x')),
      );
    });

    it('are left alone when they carry a record already', async () => {
      const message = new RmqRecord('x', { headers });
      expect(await emitted(ClientRMQ, message)).toBe(message);
      expect(await twin.records({ adapterName: 'embed' })).toEqual([]);
    });
  });
});
