import { canonicalJson, hashOf, type LineageEvent } from '@factflow/domain';
import {
  anId,
  completed,
  executionEnded,
  executionStarted,
  failed,
  registered,
} from '@factflow/domain/testing';
import { openPayloadStore } from '@factflow/payloads';
import { createDataSource } from '@factflow/store';
import { eventually, startProcess, type TestProcess } from '@factflow/testing';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { store } from './posting';
import { startSystem, type System, type SystemOptions } from './system';

const SERVICE = join(__dirname, '../../../../dist/apps/e2e/replay-service.mjs');

/** A message of an adapter, and the type its bytes were captured with. */
export interface Message {
  readonly route?: string;
  readonly adapter?: string;
  readonly bytes: Buffer;
  readonly contentType: string;
}

export const textMessage = (text: string): Message => ({
  bytes: Buffer.from(text),
  contentType: 'text/plain; charset=utf-8',
});
export const jsonMessage = (value: unknown): Message => ({
  bytes: Buffer.from(canonicalJson(value)),
  contentType: 'application/json',
});

/** How far a replay is, as the command app answers. */
export interface Progress {
  readonly execution_id: string;
  readonly state: string;
  readonly total: number;
  readonly waiting: number;
  readonly leased: number;
  readonly completed: number;
  readonly failed: number;
  readonly dead: number;
}

/** The apps, a payload store, and what services with handlers note down. */
export class ReplayStory {
  private constructor(
    readonly system: System,
    readonly dataSource: DataSource,
    private readonly folder: string,
  ) {}

  static async begin(options: SystemOptions = {}): Promise<ReplayStory> {
    const folder = mkdtempSync(join(tmpdir(), 'replay-story-'));
    const env = {
      FACTFLOW_PAYLOAD_STORE: `file://${join(folder, 'payloads')}`,
      FACTFLOW_REPLAY_RETRY_SECONDS: '0',
      ...options.commandEnv,
    };
    const system = await startSystem({ ...options, commandEnv: env });
    const url = system.databaseUrl;
    const dataSource = createDataSource({ url, poolSize: 2, applicationName: 'spec' });
    return new ReplayStory(system, await dataSource.initialize(), folder);
  }

  async end(): Promise<void> {
    await this.dataSource.destroy();
    await this.system.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts a service with handlers, and waits until it is there. */
  async service(env: Readonly<Record<string, string>> = {}): Promise<TestProcess> {
    const service = startProcess(process.execPath, [SERVICE], {
      env: {
        ENDPOINT: this.system.command.url,
        SPOOL: join(this.folder, 'spool'),
        LOG: this.log,
        DELAY_MS: '0',
        CONCURRENCY: '4',
        LEASE_MS: '3000',
        ...env,
      },
    });
    await service.waitForOutput('listening');
    return service;
  }

  /** What services have noted, a line each. */
  get notes(): string[] {
    try {
      return readFileSync(this.log, 'utf8').trimEnd().split('\n').filter(Boolean);
    } catch {
      return [];
    }
  }

  /** How often services have noted something, whichever did. */
  counted(what: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const note of this.notes) {
      const [, word = '', ...rest] = note.split(' ');
      if (word === what) counts.set(rest.join(' '), (counts.get(rest.join(' ')) ?? 0) + 1);
    }
    return counts;
  }

  /** An execution that is over; what went through its adapters failed, and is stored. */
  async anExecution(messages: readonly Message[]): Promise<string> {
    const executionId = anId();
    const events = messages.flatMap(({ route = 'documents', adapter = 'chunker', bytes, contentType }) => {
      const id = anId();
      const key = hashOf(bytes);
      const input = { inputHash: key, inputPayload: { key, redacted: false, contentType } };
      const place = { routeId: route, adapterName: adapter, started: true };
      return [registered(id, { executionId }, { ...place, ...input }), failed(id, { executionId })];
    });
    await this.keep(messages);
    const all: LineageEvent[] = [
      executionStarted({ executionId }, { name: 'nightly-import' }),
      ...events,
      executionEnded({ executionId }),
    ];
    for (let at = 0; at < all.length; at += 5000)
      await store(this.system.command.url, all.slice(at, at + 5000));
    return executionId;
  }

  /** An execution with a join of texts, whose own input was not captured. */
  async aJoin(texts: readonly string[]): Promise<string> {
    const executionId = anId();
    await this.keep(texts.map(textMessage));
    const parents = texts.map(() => anId());
    const join = anId();
    await store(this.system.command.url, [
      ...parents.flatMap((id, index) => {
        const { bytes, contentType } = textMessage(texts[index] as string);
        const outputPayload = { key: hashOf(bytes), redacted: false, contentType };
        return [
          registered(id, { executionId }, { adapterName: 'reader' }),
          completed(id, { executionId }, { outputPayload }),
        ];
      }),
      registered(
        join,
        { executionId },
        {
          routeId: 'reports',
          adapterName: 'summarise',
          parentId: parents[0] as string,
          joinedParentIds: parents.slice(1),
        },
      ),
      failed(join, { executionId }),
    ]);
    return executionId;
  }

  async ask<Body>(method: string, path: string, body?: object): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${this.system.command.url}/api/v1/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  async replay(executionId: string, fromStage = 'chunker', more: object = {}): Promise<string> {
    const path = `executions/${executionId}/replay`;
    const { status, body } = await this.ask<Progress>('POST', path, { from_stage: fromStage, ...more });
    expect({ status, body }).toMatchObject({ status: 202 });
    return body.execution_id;
  }

  async progress(replayId: string): Promise<Progress> {
    return (await this.ask<Progress>('GET', `executions/${replayId}/replay`)).body;
  }

  /** Waits until a replay is over. */
  async isOver(replayId: string, timeoutMs = 60_000): Promise<Progress> {
    await eventually(
      async () => {
        expect((await this.progress(replayId)).state).toBe('completed');
      },
      `replay ${replayId} to be over`,
      { timeoutMs },
    );
    return this.progress(replayId);
  }

  /** Waits until all of an execution is there and known to be. */
  async isProven(executionId: string): Promise<Record<string, unknown>> {
    return eventually(
      async () => {
        const answer = await fetch(`${this.system.query.url}/api/v1/executions/${executionId}`);
        const execution = (await answer.json()) as Record<string, unknown>;
        expect(execution).toMatchObject({ completion: 'done', completeness: { state: 'proven' } });
        return execution;
      },
      `execution ${executionId} to be done and proven`,
      { timeoutMs: 40_000 },
    );
  }

  private get log(): string {
    return join(this.folder, 'notes.log');
  }

  private async keep(messages: readonly Message[]): Promise<void> {
    const payloads = openPayloadStore(`file://${join(this.folder, 'payloads')}`);
    for (const { bytes } of messages)
      await payloads.put(hashOf(bytes), Readable.from([bytes]), { maxBytes: 1024 });
    await payloads.close();
    await this.dataSource.query(
      `INSERT INTO lineage_payload (key, bytes, content_type, stored_at)
       SELECT key, bytes, content_type, now() FROM json_to_recordset($1::json) AS p(key text, bytes bigint, content_type text)
       ON CONFLICT DO NOTHING`,
      [
        JSON.stringify(
          messages.map(({ bytes, contentType }) => ({
            key: hashOf(bytes),
            bytes: bytes.length,
            content_type: contentType,
          })),
        ),
      ],
    );
  }
}
