import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { targetOf } from './http-connection';
import { Announcer } from './logger';
import type { Settings } from './options';
import { LineageRecorder } from './recorder';
import { ReplayClient, type Wanted } from './replay-client';
import { ReplayConnection } from './replay-connection';
import { findHandlers } from './replay-handlers';
import { ReplayTasks } from './replay-tasks';
import { ReplayWorker } from './replay-worker';

/** One that waits for work, and one a message for what is said of it; a message is fetched before it is worked on. */
const MORE_SOCKETS = 2;

/** Takes work of replays for the methods with `@ReplayHandler` of an application; does nothing where there are none. */
@Injectable()
export class ReplayService {
  #connection: ReplayConnection | undefined;
  #worker: ReplayWorker | undefined;

  constructor(
    private readonly recorder: LineageRecorder,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** Never throws. */
  start({ endpoint, token, service, replay, flushTimeoutMs, logger }: Settings): void {
    const announcer = new Announcer(logger);
    try {
      const handlers = findHandlers(this.discovery, this.scanner, (message) => announcer.pass(message));
      if (handlers.length === 0 || !endpoint || !replay) return;
      // A recorder put in the place of ours, such as the twin of specs, records elsewhere.
      if (this.recorder.status().target !== targetOf(endpoint)) return;
      this.#connection = new ReplayConnection(
        { endpoint, token, service },
        2 * replay.concurrency + MORE_SOCKETS,
      );
      const options = { ...replay, shutdownMs: flushTimeoutMs };
      const client = new ReplayClient(this.#connection);
      const wanted = handlers.map(({ adapter, route }): Wanted => ({
        adapter_name: adapter,
        ...(route !== undefined && { route_id: route }),
      }));
      const tasks = new ReplayTasks(this.recorder, handlers, client);
      this.#worker = new ReplayWorker(wanted, tasks, client, options, announcer);
      this.#worker.start();
    } catch (error) {
      announcer.warn('replay handlers', () => `there are no replay handlers: ${String(error)}`);
    }
  }

  /** Finishes what is in work, or gives it back. Never rejects. */
  async stop(): Promise<void> {
    await this.#worker?.stop();
    this.#worker = undefined;
    this.#connection?.close();
  }
}
