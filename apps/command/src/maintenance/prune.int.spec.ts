import type { LineageEvent } from '@factflow/domain';
import { anId, executionEnded, executionStarted, registered, completed } from '@factflow/domain/testing';
import { append } from '@factflow/store';
import { eventually } from '@factflow/testing';
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { startCommandApp, type CommandApp } from '../testing/command-app';

const DAY = 24 * 3600 * 1000;
const OLD = Date.now() - 100 * DAY;
const BEFORE = new Date(Date.now() - 50 * DAY).toISOString();
const RETENTION = { FACTFLOW_RETENTION_DAYS: '30' };

/** Seven events and two records, of an execution that is over unless it is told not to end. */
function anExecution({ at = OLD, ends = true, executionId = anId() } = {}): LineageEvent[] {
  const [first, second] = [anId(), anId()];
  const when = (): { executionId: string; at: number } => ({ executionId, at });
  return [
    executionStarted(when()),
    ...[first, second].flatMap((id) => [registered(id, when()), completed(id, when())]),
    ...(ends ? [executionEnded(when())] : []),
  ];
}
const idOf = ([event]: readonly LineageEvent[]): string => (event as LineageEvent).executionId;

async function executionsOf({ database }: CommandApp): Promise<string[]> {
  const rows: { id: string }[] = await database.dataSource.query(
    'SELECT execution_id AS id FROM lineage_execution ORDER BY 1',
  );
  return rows.map(({ id }) => id);
}

async function post({ url }: CommandApp, body: unknown) {
  const response = await fetch(`${url}/api/v1/prune`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type') ?? '', text };
}

/** A prune that is done: its lines. */
async function pruned(app: CommandApp, body: object): Promise<Record<string, unknown>[]> {
  const { status, type, text } = await post(app, body);
  expect({ status, type }).toEqual({ status: 200, type: 'application/x-ndjson; charset=utf-8' });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('POST /api/v1/prune', () => {
  let app: CommandApp;
  beforeEach(async () => void (app = await startCommandApp()));
  afterEach(() => app.close());

  it('removes what is over, tells how far it is, and ends with what it removed; a dry run removes nothing', async () => {
    const [over, running, recent] = [
      anExecution(),
      anExecution({ ends: false }),
      anExecution({ at: Date.now() }),
    ];
    await app.postEvents([...over, ...running, ...recent]);
    const ids = await executionsOf(app);
    const summary = {
      executions: 1,
      records: 2,
      events: over.length,
      partitions_dropped: 0,
      kept: { running: 1, pinned: 0 },
    };
    const dry = await pruned(app, { before: BEFORE, dry_run: true });
    expect(dry.at(-1)).toEqual({ ...summary, dry_run: true });
    await expect(executionsOf(app)).resolves.toEqual(ids);
    const lines = await pruned(app, { before: BEFORE.slice(0, 10) });
    expect(lines.at(-1)).toEqual({ ...summary, dry_run: false });
    expect(lines).toContainEqual({
      phase: 'removing',
      partition: 'default',
      found: 1,
      executions: 1,
      records: 2,
      events: over.length,
      partitions_dropped: 0,
      postponed: false,
    });
    await expect(executionsOf(app)).resolves.toEqual(ids.filter((id) => id !== idOf(over)));
    const { body } = await app.postEvents(over);
    expect(body).toMatchObject({ accepted: 0, duplicates: 0 });
    expect(body.rejected).toEqual(over.map(() => expect.objectContaining({ code: 'pruned' }) as unknown));
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    expect(metrics).toContain('factflow_pruned_executions_total 1\n');
    expect(metrics).toContain('factflow_pruned_records_total 2\n');
  });

  it.each<[string, unknown, number, string]>([
    ['no time', {}, 400, 'before'],
    ['a word', { before: 'yesterday' }, 400, 'before'],
    ['an impossible date', { before: '2026-02-30' }, 400, 'before'],
    ['a number', { before: 5 }, 400, 'before'],
    ['a date to come', { before: new Date(Date.now() + 2 * DAY).toISOString().slice(0, 10) }, 422, 'before'],
    ['a strange dry run', { before: BEFORE, dry_run: 'yes' }, 400, 'dry_run'],
    ['an unknown field', { before: BEFORE, force: true }, 400, 'force'],
    ['an array', [], 400, 'body'],
  ])('refuses %s, naming the field', async (_name, body, status, field) => {
    const answer = await post(app, body);
    expect({ status: answer.status, body: JSON.parse(answer.text) as unknown }).toMatchObject({
      status,
      body: { status, errors: [{ field, message: expect.any(String) as string }] },
    });
  });

  it('answers 409 while another prune is at work', async () => {
    const runner = app.database.dataSource.createQueryRunner();
    await runner.query('SELECT pg_advisory_lock(4017204)');
    const answer = await post(app, { before: BEFORE });
    expect({ status: answer.status, body: JSON.parse(answer.text) as unknown }).toMatchObject({
      status: 409,
      body: { code: 'prune_running' },
    });
    await runner.query('SELECT pg_advisory_unlock(4017204)');
    await runner.release();
    await expect(pruned(app, { before: BEFORE })).resolves.toContainEqual(
      expect.objectContaining({ executions: 0, dry_run: false }),
    );
  });

  it('stops after the batch at work when its client goes away', async () => {
    // More than are looked at in one step, the first of them in use.
    const all = Array.from({ length: 5001 }, () => executionStarted({ executionId: anId(), at: OLD }));
    const ends = all.map(({ executionId }) => executionEnded({ executionId, at: OLD }));
    await append(app.database.dataSource, [...all, ...ends]);
    const runner = app.database.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM lineage_execution WHERE execution_id = $1 FOR UPDATE', [idOf(all)]);

    const asked = request(`${app.url}/api/v1/prune`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    asked.on('error', () => undefined).end(JSON.stringify({ before: BEFORE }));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined);
    const tombstones = async (): Promise<number> => {
      const [{ count }] = await app.database.dataSource.query(
        'SELECT count(*)::int AS count FROM lineage_tombstone',
      );
      return count as number;
    };
    await eventually(async () => (await tombstones()) === 5000, 'the first step to have begun');
    asked.destroy();
    // The app has seen that it is gone when it has answered others.
    for (let times = 0; times < 3; times += 1) await fetch(`${app.url}/health/live`);
    await runner.rollbackTransaction();
    await runner.release();

    // Whoever gets the lock knows that the prune has ended.
    await eventually(
      async () => (await post(app, { before: '1971-01-01' })).status === 200,
      'the prune to end',
    );
    await expect(executionsOf(app)).resolves.toEqual([idOf(all.slice(-1))]);
  }, 60_000);
});

describe('retention', () => {
  it('prunes when the app has started, what was abandoned as well, but for what is pinned', async () => {
    const [over, running, pinned, recent] = [
      anExecution(),
      anExecution({ ends: false }),
      anExecution({ ends: false }),
      anExecution({ at: Date.now(), ends: false }),
    ];
    const app = await startCommandApp(RETENTION, async ({ dataSource }) => {
      await append(dataSource, [...over, ...running, ...pinned, ...recent]);
      await dataSource.query('INSERT INTO lineage_pin VALUES ($1, now(), NULL)', [idOf(pinned)]);
    });
    try {
      const left = [idOf(pinned), idOf(recent)].sort();
      await eventually(async () => expect(await executionsOf(app)).toEqual(left), 'the others to be gone');
      const audit = (): Promise<unknown> =>
        app.database.dataSource.query(
          'SELECT trigger, executions::int, finished_at IS NOT NULL AS finished FROM lineage_prune',
        );
      await eventually(
        async () => expect(await audit()).toEqual([{ trigger: 'retention', executions: 2, finished: true }]),
        'the note of it',
      );

      // For a request, too, an execution that was abandoned that long ago is over.
      await app.database.dataSource.query('DELETE FROM lineage_pin');
      const text = await eventually(async () => {
        const answer = await post(app, { before: BEFORE });
        expect(answer.status).toBe(200);
        return answer.text;
      }, 'the first prune to end');
      expect(JSON.parse(text.trimEnd().split('\n').at(-1) as string)).toMatchObject({
        executions: 1,
        kept: { running: 0, pinned: 0 },
      });
      await expect(executionsOf(app)).resolves.toEqual([idOf(recent)]);
    } finally {
      await app.close();
    }
  });
});
