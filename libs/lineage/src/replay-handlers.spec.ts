import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { Readable } from 'node:stream';
import { of, throwError } from 'rxjs';
import { context } from './context';
import { createLineageTwin } from './lineage-twin';
import { ReplayHandler, TracedAdapter } from './nest';
import { findHandlers, handlerFor, type Handler } from './replay-handlers';
import { argumentsOf, decodeMessage, drained } from './replay-message';
import { RunScope } from './run';

@Injectable()
class Handlers {
  readonly who = 'the instance';

  @TracedAdapter({ route: 'documents', adapter: 'chunker' })
  @ReplayHandler()
  chunk(text: string): string {
    return `${this.who} chunked ${text}`;
  }

  @ReplayHandler()
  @TracedAdapter({ route: 'documents', adapter: 'embedder' })
  embed(left: number, right: number): number {
    return left + right;
  }

  @ReplayHandler({ adapter: 'writer', retry: true })
  write(text: string): string {
    return this.chunk(text);
  }

  @ReplayHandler({ route: 'archive', adapter: 'writer' })
  archive(): string {
    return this.who;
  }

  @ReplayHandler({ adapter: 'writer' })
  twice(): string {
    return this.who;
  }

  @ReplayHandler()
  nameless(): string {
    return this.who;
  }

  other(): string {
    return this.who;
  }
}

class Keeper {
  @TracedAdapter({ route: 'documents', adapter: 'keeper', capture: 'both', redact: () => 'kept' })
  keep(text: string): string {
    return `kept ${text}`;
  }

  call(text: string): string {
    return this.keep(text);
  }
}

@Module({ imports: [DiscoveryModule], providers: [Handlers] })
class HandlersModule {}

describe('findHandlers', () => {
  let module: TestingModule;
  let handlers: Handler[];
  const warnings: string[] = [];
  beforeAll(async () => {
    module = await Test.createTestingModule({ imports: [HandlersModule] }).compile();
    handlers = findHandlers(module.get(DiscoveryService), module.get(MetadataScanner), (message) =>
      warnings.push(message),
    );
  });
  afterAll(() => module.close());

  it('finds them by the adapter they name, or that of @TracedAdapter beside it, in either order', () => {
    expect(handlers.map(({ route, adapter, retry, arity }) => [route, adapter, retry, arity])).toEqual([
      ['documents', 'chunker', false, 1],
      ['documents', 'embedder', false, 2],
      [undefined, 'writer', true, 1],
      ['archive', 'writer', false, 0],
    ]);
    expect(warnings).toEqual([
      '@ReplayHandler on Handlers.twice is left out: writer has a handler already',
      '@ReplayHandler on Handlers.nameless names no adapter, and has no @TracedAdapter beside it',
    ]);
  });

  it('takes the one for the route before the one for all', () => {
    expect(handlerFor(handlers, 'archive', 'writer')?.route).toBe('archive');
    expect(handlerFor(handlers, 'documents', 'writer')?.route).toBeUndefined();
    expect(handlerFor(handlers, 'elsewhere', 'chunker')).toBeUndefined();
  });

  it('has the adapter be the record that is there, once; further calls are children', async () => {
    const twin = createLineageTwin();
    const execution = twin.recorder.startExecution({ name: 'replay' });
    const record = execution.register({ route: 'documents', adapter: 'chunker', input: 'a' });
    const replay = { route: 'documents', adapter: 'chunker', taken: false };
    const scope = new RunScope(twin.recorder, record);
    const { chunk } = Handlers.prototype;
    const instance = new Handlers();
    const answers = context.run({ recorder: twin.recorder, record, replay }, () => [
      chunk.call(instance, 'a'),
      chunk.call(instance, 'b'),
    ]);
    scope.completed(undefined);
    expect(answers).toEqual(['the instance chunked a', 'the instance chunked b']);
    const records = await twin.records();
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      id: record.id,
      status: 'completed',
      outputHash: expect.any(String) as string,
    });
    expect(records[1]).toMatchObject({ adapterName: 'chunker', parentId: record.id });
  });
});

describe.each(['keep', 'call'] as const)(
  'an adapter whose decorator has messages kept, reached by %s',
  (how) => {
    it('has the output of what is replayed kept as the decorator says', async () => {
      const twin = createLineageTwin();
      const place = { route: 'documents', adapter: 'keeper' };
      const execution = twin.recorder.startExecution({ name: 'replay' });
      const record = twin.recorder.resume(execution.register({ ...place, input: 'a' }).headers());
      record.start();
      const replay = { ...place, taken: false };
      context.run({ recorder: twin.recorder, record, replay }, () => new Keeper()[how]('a'));
      const [replayed] = await twin.records();
      if (!replayed) throw new Error('no record');
      expect(await twin.payloadOf(replayed, 'output')).toMatchObject({ redacted: true, message: 'kept' });
      expect(await twin.records()).toHaveLength(1);
    });
  },
);

describe('a message', () => {
  it('is what the adapter got', () => {
    expect(decodeMessage(Buffer.from('{"a":[1]}'), 'application/json')).toEqual({ a: [1] });
    expect(decodeMessage(Buffer.from('ä'), 'text/plain; charset=utf-8')).toBe('ä');
    expect(decodeMessage(Buffer.from([0, 255]), 'application/octet-stream')).toEqual(Buffer.from([0, 255]));
  });

  it('that was several arguments is given as such, a list or a join as one', () => {
    expect(argumentsOf([1, 2], 2, false)).toEqual([1, 2]);
    expect(argumentsOf([1, 2], 1, false)).toEqual([[1, 2]]);
    expect(argumentsOf([1, 2], 2, true)).toEqual([[1, 2]]);
    expect(argumentsOf('text', 2, false)).toEqual(['text']);
  });
});

describe('what a handler gives', () => {
  it('is waited for to its end, whatever it is', async () => {
    const seen: number[] = [];
    async function* steps(): AsyncGenerator<number> {
      for (const step of [1, 2]) {
        seen.push(step);
        yield step;
      }
    }
    await drained(steps());
    await drained(Promise.resolve(Readable.from(['a', 'b'])));
    await drained(of(1, 2));
    await drained('a value');
    expect(seen).toEqual([1, 2]);
    await expect(drained(throwError(() => new RangeError('broken')))).rejects.toThrow(RangeError);
    await expect(drained(Promise.reject(new TypeError('no')))).rejects.toThrow(TypeError);
  });
});
