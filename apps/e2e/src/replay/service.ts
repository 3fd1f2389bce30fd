import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { LineageModule, ReplayHandler, TracedAdapter } from '@factflow/lineage/nest';
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { say, variable } from '../environment';

// A pipeline service that has handlers for what is replayed. Every message it works on is a line of a file.

const DELAY_MS = Number(variable('DELAY_MS'));
const note = (line: string): void => appendFileSync(variable('LOG'), `${process.pid} ${line}\n`);

@Injectable()
class Embedder {
  @TracedAdapter({ route: 'documents', adapter: 'embedder' })
  embed(chunk: string): number {
    return chunk.length;
  }
}

@Injectable()
class Chunker {
  constructor(private readonly embedder: Embedder) {}

  /** The adapter itself takes what is replayed. */
  @TracedAdapter({ route: 'documents', adapter: 'chunker' })
  @ReplayHandler()
  async process(document: string): Promise<number> {
    note(`begin ${document}`);
    await pause(DELAY_MS);
    if (document.startsWith('poison')) throw new RangeError('cannot chunk that');
    const size = this.embedder.embed(document);
    note(`end ${document}`);
    return size;
  }
}

@Injectable()
class Reports {
  @TracedAdapter({ route: 'reports', adapter: 'summarise', capture: 'both' })
  summarise(parts: readonly string[]): string {
    return parts.join(' + ');
  }

  /** A method of its own, that calls the adapter. */
  @ReplayHandler({ route: 'reports', adapter: 'summarise' })
  again(parts: readonly string[]): void {
    note(`summary ${this.summarise(parts)}`);
  }

  @ReplayHandler({ route: 'reports', adapter: 'weigh' })
  weigh(bytes: Buffer): void {
    note(`weighed ${bytes.toString('hex')}`);
  }

  @TracedAdapter({ route: 'reports', adapter: 'add', capture: 'both' })
  @ReplayHandler()
  add(left: number, right: number): number {
    note(`added ${left} and ${right}`);
    return left + right;
  }
}

@Module({
  imports: [
    LineageModule.forRoot({
      endpoint: variable('ENDPOINT'),
      service: 'documents',
      spoolDirectory: variable('SPOOL'),
      replay: { concurrency: Number(variable('CONCURRENCY')), leaseMs: Number(variable('LEASE_MS')) },
    }),
  ],
  providers: [Chunker, Embedder, Reports],
})
class ServiceModule {}

const app = await NestFactory.createApplicationContext(ServiceModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
// Connections that only wait keep no process alive.
const alive = setInterval(() => undefined, 60_000);
process.once('SIGTERM', () => clearInterval(alive));
say(`memory ${process.memoryUsage.rss()}`);
say('listening');
