import { hashOf, type LineageEvent, type PayloadRef, type RecordEvent } from '@factflow/domain';
import {
  anId,
  completed,
  executionEnded,
  executionStarted,
  failed,
  registered,
} from '@factflow/domain/testing';
import { openPayloadStore, type PayloadStore } from '@factflow/payloads';
import { eventually } from '@factflow/testing';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { startCommandApp, type CommandApp } from './command-app';

export const STAGE = 'chunker';
export const ROUTE = 'documents';

/** A message that went through the stage. */
export interface Original {
  readonly id: string;
  readonly text: string;
  readonly events: readonly LineageEvent[];
}

/** As the command app answers: see leased-job.dto.ts. */
export interface Job {
  readonly job: string;
  readonly execution_id: string;
  readonly record_id: string;
  readonly replay_of_record: string;
  readonly attempt: number;
  readonly inputs: readonly { readonly key: string; readonly content_type: string }[];
  readonly joined: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export const textRef = (text: string, more: Partial<PayloadRef> = {}): PayloadRef => ({
  key: hashOf(text),
  redacted: false,
  contentType: 'text/plain; charset=utf-8',
  ...more,
});

/** A message that went through the stage, its input captured, and failed unless it is told not to. */
export function anOriginal(
  executionId: string,
  text: string,
  { fails = true, data = {} }: { fails?: boolean; data?: object } = {},
): Original {
  const id = anId();
  const at = { executionId };
  const input = { inputHash: hashOf(text), inputPayload: textRef(text), started: true, ...data };
  const events: RecordEvent[] = [
    registered(id, at, { routeId: ROUTE, adapterName: STAGE, ...input }),
    fails ? failed(id, at) : completed(id, at),
  ];
  return { id, text, events };
}

/** A command app with a payload store of its own, and what is done to it. */
export class ReplayScene {
  private constructor(
    readonly app: CommandApp,
    readonly store: PayloadStore,
    private readonly folder: string,
  ) {}

  static async open(env: Record<string, string> = {}): Promise<ReplayScene> {
    const folder = mkdtempSync(join(tmpdir(), 'replay-'));
    const url = `file://${folder}`;
    const app = await startCommandApp({
      FACTFLOW_PAYLOAD_STORE: url,
      FACTFLOW_REPLAY_RETRY_SECONDS: '0',
      ...env,
    });
    return new ReplayScene(app, openPayloadStore(url), folder);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Cancels the replays that are at work. */
  async clear(): Promise<void> {
    const open = await this.rows<{ id: string }>(
      `SELECT execution_id AS id FROM lineage_replay WHERE state IN ('starting', 'running')`,
    );
    for (const { id } of open) {
      await this.ask('DELETE', `executions/${id}/replay`);
      await this.isClosed(id, 'cancelled');
    }
  }

  /** Stores text under its digest. */
  async put(text: string): Promise<void> {
    await this.store.put(hashOf(text), Readable.from([Buffer.from(text)]), { maxBytes: 1024 });
    await this.rows(
      `INSERT INTO lineage_payload (key, bytes, content_type, stored_at)
       VALUES ($1, $2, 'text/plain; charset=utf-8', now()) ON CONFLICT DO NOTHING`,
      hashOf(text),
      Buffer.byteLength(text),
    );
  }

  /** Changes a byte of what is stored. */
  damage(text: string): void {
    const path = this.fileOf(text);
    chmodSync(path, 0o600);
    writeFileSync(path, `${text.slice(1)}?`);
  }

  /** Has what is stored be something that cannot be read. */
  obstruct(text: string): void {
    const path = this.fileOf(text);
    rmSync(path);
    mkdirSync(path);
  }

  private fileOf(text: string): string {
    const name = hashOf(text).slice('sha256:'.length);
    const file = readdirSync(this.folder, { recursive: true, encoding: 'utf8' }).find((path) =>
      path.replaceAll('/', '').endsWith(name),
    );
    return join(this.folder, file as string);
  }

  /** An execution that is over, of these messages; their inputs are stored. */
  async anExecution(
    texts: readonly string[],
    more: readonly LineageEvent[] = [],
    executionId = anId(),
  ): Promise<{ executionId: string; originals: Original[] }> {
    const originals = texts.map((text) => anOriginal(executionId, text));
    for (const text of texts) await this.put(text);
    await this.append([
      executionStarted({ executionId }, { name: 'nightly-import' }),
      ...originals.flatMap(({ events }) => events),
      ...more,
      executionEnded({ executionId }),
    ]);
    return { executionId, originals };
  }

  async append(events: readonly LineageEvent[]): Promise<void> {
    expect((await this.app.postEvents(events)).body).toMatchObject({ rejected: [] });
  }

  async ask(method: string, path: string, body?: object): Promise<Reply> {
    const response = await fetch(`${this.app.url}/api/v1/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  }

  replay(executionId: string, more: object = {}): Promise<Reply> {
    return this.ask('POST', `executions/${executionId}/replay`, { from_stage: STAGE, ...more });
  }

  /** Starts a replay. @returns the execution that replays */
  async replayed(executionId: string, more: object = {}): Promise<string> {
    const { status, body } = await this.replay(executionId, more);
    expect({ status, body }).toMatchObject({ status: 202 });
    return body.execution_id as string;
  }

  async progress(executionId: string): Promise<Reply['body']> {
    return (await this.ask('GET', `executions/${executionId}/replay`)).body;
  }

  async lease(more: object = {}): Promise<Job[]> {
    const { status, body } = await this.ask('POST', 'replay-work/lease', {
      adapters: [{ adapter_name: STAGE }],
      max: 10,
      ...more,
    });
    expect({ status, body }).toMatchObject({ status: 200 });
    return body.jobs as Job[];
  }

  /** Waits for so many jobs. */
  leaseAll(count: number, more: object = {}): Promise<Job[]> {
    const jobs: Job[] = [];
    return eventually(async () => {
      jobs.push(...(await this.lease({ wait_ms: 100, ...more })));
      expect(jobs).toHaveLength(count);
      return jobs;
    }, `${count} jobs`);
  }

  settle(job: Job, verb: 'complete' | 'fail' | 'extend', body: object = {}): Promise<Reply> {
    return this.ask('POST', `replay-work/${job.job}/${verb}`, body);
  }

  rows<Row>(sql: string, ...parameters: readonly unknown[]): Promise<Row[]> {
    return this.app.database.dataSource.query(sql, [...parameters]);
  }

  /** Records of an execution, the earliest first. */
  records(executionId: string): Promise<Record<string, unknown>[]> {
    return this.rows(
      `SELECT id, status, completion, route_id, adapter_name, input_hash, input_payload, output_hash, error, cancel_reason,
         retry_of, replay_of_record, conflicts FROM lineage_record WHERE execution_id = $1 ORDER BY registered_at, replay_of_record, id`,
      executionId,
    );
  }

  /** Waits until a replay is in a state and all that came of it has arrived. */
  async isClosed(executionId: string, state: string): Promise<void> {
    await eventually(async () => {
      const [row] = await this.rows<{ state: string; closed: boolean }>(
        'SELECT state, closed FROM lineage_replay WHERE execution_id = $1',
        executionId,
      );
      return row?.closed === true && row.state === state;
    }, `replay ${executionId} to be ${state}`);
  }
}
