import 'reflect-metadata';
import { Controller, Inject, Injectable, Module, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxy,
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  type NatsOptions,
  Payload,
  Transport,
} from '@nestjs/microservices';
import { withLineage } from '@factflow/lineage/microservices';
import { LineageInterceptor, LineageModule, LineageRecorder, TracedAdapter } from '@factflow/lineage/nest';
import { say, variable } from '../environment';

// A service with Nest, in one of two processes: `ROLE=service` handles messages, `ROLE=caller` sends some and ends.

const STORE = Symbol('client of the store');
const SUBJECT = variable('SUBJECT');
const broker: NatsOptions & { transport: Transport.NATS } = {
  transport: Transport.NATS,
  options: { servers: [variable('NATS_URL')] },
};

@Injectable()
class Model {
  @TracedAdapter({ route: 'documents', adapter: 'model' })
  async embed(chunk: string): Promise<number> {
    if (chunk === 'poison') throw new RangeError('cannot embed that');
    return chunk.length;
  }
}

@Controller()
@UseInterceptors(LineageInterceptor)
class Embedder {
  constructor(
    private readonly model: Model,
    @Inject(STORE) private readonly store: ClientProxy,
  ) {}

  @MessagePattern(`${SUBJECT}.embed`)
  async embed(@Payload() chunk: string): Promise<number> {
    const vector = await this.model.embed(chunk);
    this.store.emit(`${SUBJECT}.store`, { vector });
    return vector;
  }

  @EventPattern(`${SUBJECT}.store`)
  async stored(@Payload() message: object): Promise<void> {
    say(`stored ${JSON.stringify(message)}`);
  }
}

const clientOfStore = (): ClientProxy =>
  withLineage(ClientProxyFactory.create(broker), {
    route: 'documents',
    adapter: (pattern) => String(pattern).split('.').at(-1) ?? '',
  });

@Module({
  imports: [
    LineageModule.forRoot({
      endpoint: variable('ENDPOINT'),
      service: `nest-${variable('ROLE')}`,
      spoolDirectory: variable('SPOOL'),
    }),
  ],
  providers: [Model, { provide: STORE, useFactory: clientOfStore }],
  controllers: [Embedder],
})
class ServiceModule {}

async function serve(): Promise<void> {
  const service = await NestFactory.createMicroservice(ServiceModule, { ...broker, logger: ['error'] });
  service.enableShutdownHooks();
  await service.listen();
  say('listening');
}

async function call(): Promise<void> {
  const app = await NestFactory.createApplicationContext(ServiceModule, { logger: ['error'] });
  const lineage = app.get(LineageRecorder);
  const client = app.get<ClientProxy>(STORE);
  for (const chunk of ['fine', 'poison']) {
    const answer = await lineage.run(
      { route: 'documents', adapter: 'chunker', input: chunk },
      async (record) => {
        say(`chunker ${record.id}`);
        return new Promise((resolve) => {
          client.send(`${SUBJECT}.embed`, chunk).subscribe({ next: resolve, error: () => resolve('failed') });
        });
      },
    );
    say(`answer ${String(answer)}`);
  }
  client.close();
  await app.close();
}

await (variable('ROLE') === 'service' ? serve() : call());
