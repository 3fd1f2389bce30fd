import 'reflect-metadata';
import { Injectable, Module, SetMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { hashOf } from '@factflow/domain';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLineageTwin, type LineageTwin } from './lineage-twin';
import { LineageModule, LineageRecorder, TracedAdapter } from './nest';
import { CommandApp } from './testing/command-app';
import { bundleWorker } from './testing/bundle';
import { RememberingLogger } from './testing/outgoing';

const ROUTE = 'documents';

@Injectable()
class Writer {
  written: string[] = [];

  @TracedAdapter({ route: ROUTE, adapter: 'writer' })
  write(chunk: string, place: number): number {
    this.written.push(chunk);
    if (chunk === 'poison') throw new RangeError('cannot write that');
    return place;
  }
}

@Injectable()
class Chunker {
  constructor(private readonly writer: Writer) {}

  @SetMetadata('pattern', 'chunks')
  @TracedAdapter({ route: ROUTE, adapter: 'chunker' })
  @SetMetadata('below', 'too')
  async process(message: string): Promise<number> {
    await Promise.resolve();
    return message.split(' ').reduce((sum, chunk, place) => sum + this.writer.write(chunk, place), 0);
  }
}

/** Made by hand, not by Nest. */
class Stray {
  @TracedAdapter({ route: ROUTE, adapter: 'stray' })
  static shout(this: unknown, word: string): string {
    return `${word}! ${this === Stray}`;
  }
}

@Module({ providers: [Chunker, Writer] })
class PipelineModule {}

const makeModule = (lineage: ReturnType<typeof LineageModule.forRoot>) =>
  Test.createTestingModule({ imports: [lineage, PipelineModule] });

describe('TracedAdapter', () => {
  let twin: LineageTwin;
  let module: TestingModule;
  beforeEach(async () => {
    twin = createLineageTwin();
    module = await makeModule(
      LineageModule.forRoot({ endpoint: 'http://127.0.0.1:1', spoolDirectory: false }),
    )
      .overrideProvider(LineageRecorder)
      .useValue(twin.recorder)
      .compile();
    await module.init();
  });
  afterEach(() => module.close());

  it('makes every call a record, and calls within it its children', async () => {
    await expect(module.get(Chunker).process('a b')).resolves.toBe(1);
    const [chunker, ...writers] = await twin.records();
    expect(chunker).toMatchObject({
      routeId: ROUTE,
      adapterName: 'chunker',
      completion: 'done',
      inputHash: hashOf('a b'),
      outputHash: hashOf(1),
    });
    expect(writers.map(({ parentId }) => parentId)).toEqual([chunker?.id, chunker?.id]);
    expect(writers[0]?.inputHash).toBe(hashOf(['a', 0]));
    expect(await twin.executions()).toMatchObject([{ completion: 'done' }]);
  });

  it('fails the records an error passes through, and lets it pass', async () => {
    await expect(module.get(Chunker).process('a poison')).rejects.toThrow(RangeError);
    expect((await twin.records()).map(({ status }) => status)).toEqual(['failed', 'completed', 'failed']);
    expect((await twin.records({ status: 'failed' })).map(({ error }) => error?.class)).toEqual([
      'RangeError',
      'RangeError',
    ]);
  });

  it('keeps name, number of parameters, metadata and `this`', () => {
    const { process } = Chunker.prototype;
    expect([process.name, process.length]).toEqual(['process', 1]);
    expect(Reflect.getMetadata('pattern', process)).toBe('chunks');
    expect(Reflect.getMetadata('below', process)).toBe('too');
    expect(Reflect.getMetadata('design:returntype', Chunker.prototype, 'process')).toBe(Promise);
    expect(Stray.shout('hey')).toBe('hey! true');
  });

  it('finds the recorder of the application where Nest did not make the object, and does without after it', async () => {
    new Writer().write('a', 1);
    Stray.shout('hey');
    expect((await twin.records()).map(({ adapterName }) => adapterName)).toEqual(['writer', 'stray']);
    await module.close();
    expect(new Writer().write('a', 1)).toBe(1);
    expect(twin.recorder.status().sequence).toBe(8);
  });
});

describe('LineageModule', () => {
  const programs = mkdtempSync(join(tmpdir(), 'lineage-nest-'));
  let workerFile: string;
  let app: CommandApp;
  beforeAll(() => {
    workerFile = bundleWorker(programs);
  }, 60_000);
  afterAll(() => rmSync(programs, { recursive: true }));
  beforeEach(async () => {
    app = await CommandApp.start();
  });
  afterEach(() => app.stop());

  it('ships everything before the application has shut down', async () => {
    const module = await makeModule(
      LineageModule.forRoot({ endpoint: app.endpoint, spoolDirectory: false, workerFile }),
    ).compile();
    await module.init();
    await module.get(Chunker).process('a b');
    const recorder = module.get(LineageRecorder);
    await module.close();
    expect(app.events).toHaveLength(recorder.status().sequence);
    expect(recorder.status()).toMatchObject({ closed: true, queued: 0, lost: 0, connected: true });
  });

  it('is set up asynchronously as Nest modules are', async () => {
    const logger = new RememberingLogger();
    const module = await makeModule(
      LineageModule.forRootAsync({
        useFactory: async () => ({
          endpoint: app.endpoint,
          service: 'importer',
          logger,
          spoolDirectory: false as const,
          workerFile,
        }),
      }),
    ).compile();
    await module.init();
    expect(module.get(LineageRecorder).status()).toMatchObject({ service: 'importer', target: app.endpoint });
    await module.close();
  });

  it('never keeps an application from starting, however wrong its options', async () => {
    const logger = new RememberingLogger();
    const module = await makeModule(
      LineageModule.forRoot({ endpoint: 'nowhere', structuredLog: '/dev/null', logger }),
    ).compile();
    await module.init();
    await expect(module.get(Chunker).process('a')).resolves.toBe(0);
    await module.close();
    expect(logger.messages).toEqual([expect.stringContaining('endpoint must be an http or https address')]);
  });
});
