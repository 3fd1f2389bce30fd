import { toWire, type LineageEvent } from '@factflow/domain';
import {
  anId,
  completed,
  executionEnded,
  executionStarted,
  registered,
  started,
} from '@factflow/domain/testing';
import { createDataSource } from '@factflow/store';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { factflow, factflowJson } from './testing/cli';
import { get, post, store } from './testing/posting';
import { startSystem, type System } from './testing/system';

let system: System;
let database: DataSource;
const folder = mkdtempSync(join(tmpdir(), 'factflow-completeness-'));
beforeAll(async () => {
  system = await startSystem({ commands: 2 });
  const source = createDataSource({ url: system.databaseUrl, poolSize: 2, applicationName: 'spec' });
  database = await source.initialize();
}, 60_000);
afterAll(async () => {
  await database?.destroy();
  await system?.stop();
  rmSync(folder, { recursive: true });
}, 60_000);

/** A recorder as a service has one: it numbers its events, and says how it is. */
class Service {
  readonly id = anId();
  private sequence = 0;

  record(...events: readonly LineageEvent[]): LineageEvent[] {
    return events.map((event) => ({
      ...event,
      source: { recorderId: this.id, sequence: ++this.sequence },
    }));
  }

  async heartbeat(more: object = {}): Promise<void> {
    const body = {
      service: 'documents',
      host: 'host-a',
      pid: 7,
      started_at: '2026-11-22T20:34:00Z',
      highest_sequence: this.sequence,
      queued: 0,
      spooled: 0,
      lost: [],
      main_thread_age_ms: 3,
      closed: false,
      ...more,
    };
    const { status } = await fetch(`${system.command.url}/api/v1/recorders/${this.id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(status).toBe(204);
  }
}

interface Completeness {
  readonly state: string;
  readonly reason: string;
  readonly pending: number;
  readonly ranges: readonly object[];
  readonly advice: string | null;
}
const completenessOf = async (id: string): Promise<Completeness> => {
  const { body } = await get<{ completeness: Completeness }>(system.query.url, `/executions/${id}`);
  return body.completeness;
};
const cli = (...args: string[]) => factflow(system.query.url, ...args, '--command-url', system.command.url);

/** The start, two records, their ends, and the end, as one service records them. */
function aRun(service: Service): { id: string; events: LineageEvent[] } {
  const at = { executionId: anId() };
  const [parent, child] = [anId(), anId()];
  const events = service.record(
    executionStarted(at),
    registered(parent, at, { started: true }),
    registered(child, at, { parentId: parent, started: true }),
    completed(child, at),
    completed(parent, at),
    executionEnded(at),
  );
  return { id: at.executionId, events };
}

describe('an execution', () => {
  it('is open until it has ended and its recorders have reported, then proven, in whatever order its events came', async () => {
    const service = new Service();
    const { id, events } = aRun(service);
    await store(system.command.url, events.slice(0, 4));
    await service.heartbeat();
    expect(await completenessOf(id)).toMatchObject({
      state: 'open',
      pending: 1,
      reason: 'It has not ended, 1 of its records has not settled: more is to come.',
      advice: `factflow lineage list --execution ${id} --status pending`,
    });
    // The other half by another app, the end first; what comes twice changes nothing.
    await store(system.commands[1]?.url as string, events.slice(5));
    await store(system.command.url, events.slice(3));
    expect(await completenessOf(id)).toMatchObject({
      state: 'open',
      pending: 0,
      reason: expect.stringContaining(`recorder ${service.id} (documents on host-a)`) as string,
    });
    await service.heartbeat();
    const proven = { state: 'proven', pending: 0, ranges: [], advice: null };
    expect(await completenessOf(id)).toMatchObject(proven);
    // It stays so, whatever the service goes on to record and to lose.
    const later = aRun(service);
    await service.heartbeat({ lost: [[9, 9]] });
    expect(await completenessOf(id)).toMatchObject(proven);
    await store(
      system.command.url,
      later.events.filter(({ source }) => source?.sequence !== 9),
    );
    expect(await completenessOf(later.id)).toMatchObject({ state: 'lossy' });
    const { stdout } = await cli('execution', 'get', id, '-o', 'table');
    expect(stdout).toMatch(/completeness +proven\n +It has ended/);
  });

  it('is unknown when its recorder gave one number to two events: nobody can tell whether one is missing', async () => {
    const service = new Service();
    const { id, events } = aRun(service);
    const again = new Service();
    const other = aRun(again);
    await store(system.command.url, events);
    await service.heartbeat();
    expect(await completenessOf(id)).toMatchObject({ state: 'proven' });
    // Another process that took over the id, such as a fork, and counts from 1 as well.
    await store(
      system.commands[1]?.url as string,
      other.events.slice(0, 2).map((event, n) => ({
        ...event,
        source: { recorderId: service.id, sequence: n + 1 },
      })),
    );
    for (const one of [id, other.id])
      expect(await completenessOf(one)).toMatchObject({
        state: 'unknown',
        reason: expect.stringContaining(
          `recorder ${service.id} (documents on host-a), sequence 1 to 2.`,
        ) as string,
      });
    const { stdout } = await cli('recorders', '--service', 'documents', '-o', 'json');
    const shown = JSON.parse(stdout) as { items: { id: string; repeated: number }[] };
    expect(shown.items.find((each) => each.id === service.id)).toMatchObject({ repeated: 2 });
  });

  it('is lossy while events that may be of it are lost, and proven when they are imported', async () => {
    const service = new Service();
    const { id, events } = aRun(service);
    await store(
      system.command.url,
      events.filter((_event, n) => n !== 2 && n !== 3),
    );
    await service.heartbeat();
    expect(await completenessOf(id)).toMatchObject({ state: 'open' });
    await service.heartbeat({ lost: [[3, 4]] });
    expect(await completenessOf(id)).toMatchObject({
      state: 'lossy',
      reason: expect.stringContaining('given up by recorder') as string,
      ranges: [{ recorder_id: service.id, from: 3, to: 4 }],
      advice: 'factflow lineage import <structured log or spool>',
    });
    const { stdout } = await cli('execution', 'get', id, '-o', 'table');
    expect(stdout).toContain(`events 3 to 4 of recorder ${service.id}`);
    expect(await recorderOf(service)).toMatchObject({ lost: 2, gaps: 0 });
    const imported = await cli('lineage', 'import', logOf(events.slice(2, 4)));
    expect({ code: imported.code, stderr: imported.stderr }).toEqual({ code: 0, stderr: '' });
    expect(await completenessOf(id)).toMatchObject({ state: 'proven' });
    expect(await recorderOf(service)).toMatchObject({ lost: 0, gaps: 0 });
  });

  it('is lossy when an event of it was rejected', async () => {
    const service = new Service();
    const { id, events } = aRun(service);
    const broken = { ...events[1], data: {} } as LineageEvent;
    const { body } = await post(
      system.command.url,
      events.map((event, n) => (n === 1 ? broken : event)),
    );
    expect(body.rejected).toHaveLength(1);
    await service.heartbeat({ closed: true });
    expect(await completenessOf(id)).toMatchObject({
      state: 'lossy',
      reason: expect.stringContaining('rejected') as string,
      ranges: [{ recorder_id: service.id, from: 2, to: 2 }],
    });
    await store(system.command.url, events.slice(1, 2));
    expect(await completenessOf(id)).toMatchObject({ state: 'proven' });
  });

  it('is unknown when its events came without sequences', async () => {
    const at = { executionId: anId() };
    await store(system.command.url, [executionStarted(at), executionEnded(at)]);
    expect(await completenessOf(at.executionId)).toMatchObject({ state: 'unknown', advice: null });
  });
});

/** A structured log of events, as a recorder writes one. */
function logOf(events: readonly LineageEvent[]): string {
  const path = join(folder, 'lineage.ndjson');
  writeFileSync(path, events.map((event) => `${JSON.stringify(toWire(event))}\n`).join(''));
  return path;
}

const recorderOf = async (service: Service): Promise<object> =>
  (await get<object>(system.query.url, `/recorders/${service.id}`)).body;

describe('a recorder that is gone', () => {
  const service = new Service();
  const at = { executionId: anId() };
  const [parent, child] = [anId(), anId()];
  const inExecution = ['--execution', at.executionId];

  beforeAll(async () => {
    await store(
      system.command.url,
      service.record(
        executionStarted(at),
        registered(parent, at, { started: true }),
        registered(child, at, { parentId: parent }),
        started(child, at),
        completed(parent, at),
        executionEnded(at),
      ),
    );
    await service.heartbeat({ highest_sequence: 8, queued: 2 });
    await database.query(
      `UPDATE lineage_recorder SET heartbeat_at = heartbeat_at - interval '31 s' WHERE recorder_id = $1`,
      [service.id],
    );
  });

  it('shows as gone, with what it had in memory missing', async () => {
    const { items } = await factflowJson<{ items: object[] }>(
      system.query.url,
      'recorders',
      '--state',
      'gone',
    );
    expect(items).toEqual([
      expect.objectContaining({ id: service.id, state: 'gone', queued: 2, gaps: 2, lost: 0 }),
    ]);
    const { stdout } = await cli('recorders', '-o', 'table', '--service', 'documents');
    expect(stdout).toMatch(new RegExp(`${service.id} +documents +host-a +7 +gone .* 3 ms +2 +0 +0 +2\\n`));
  });

  it('leaves records that show as stalled, and that an operator can close', async () => {
    const list = async (): Promise<string[]> => {
      const { items } = await factflowJson<{ items: { id: string }[] }>(
        system.query.url,
        'lineage',
        'list',
        '--stalled',
        ...inExecution,
      );
      return items.map(({ id }) => id);
    };
    expect(await list()).toEqual([child]);
    expect((await cli('lineage', 'chain', parent, '-o', 'table')).stdout).toMatch(/pending {2}stalled/);
    expect((await cli('lineage', 'stats', ...inExecution, '-o', 'table')).stdout).toMatch(/STALLED/);
    const cancel = await cli('lineage', 'cancel', child, '--reason', 'its service crashed');
    expect({ code: cancel.code, stderr: cancel.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(cancel.stdout)).toMatchObject({
      id: child,
      status: 'cancelled',
      cancel_reason: 'its service crashed',
      metadata: { cancelled_by: 'operator' },
      stalled: false,
    });
    expect(await list()).toEqual([]);
    const again = await cli('lineage', 'cancel', child, '--reason', 'again');
    expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 1, stdout: '' });
    expect(again.stderr).toContain('has ended already: it is cancelled');
    expect((await cli('lineage', 'cancel', anId(), '--reason', 'x')).code).toBe(3);
    // The operator's event is accounted for; what the service had in memory is not.
    expect(await completenessOf(at.executionId)).toMatchObject({
      state: 'open',
      pending: 0,
      reason: expect.stringMatching(new RegExp(`^Events of recorder ${service.id} .* it is gone`)) as string,
      advice: 'factflow lineage import <structured log or spool>',
    });
  });
});
