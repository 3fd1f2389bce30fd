import type { LineageEvent } from '@factflow/domain';
import {
  anId,
  completed,
  eventAt,
  executionEnded,
  executionStarted,
  failed,
  registered,
  started,
} from '@factflow/domain/testing';
import { EXECUTIONS, RECORDS, STATISTICS, type Table } from '@factflow/store';
import { startQueryApp, type QueryApp } from '../testing/query-app';
import { verify } from '../testing/verifying';

const OTHER_ID = '99999999-9999-4999-8999-999999999999';

/** A parent with two children, one of them a join, and something in every column. */
function anExecution() {
  const executionId = anId();
  const at = { executionId };
  const [top, child, joined] = [anId(), anId(), anId()];
  const events: LineageEvent[] = [
    executionStarted(at, { name: 'nightly', replayOf: anId(), fromStage: 'chunker', metadata: { a: 1 } }),
    registered(top, at, {
      inputHash: 'sha256:a',
      batchId: anId(),
      retryOf: anId(),
      metadata: { kept: 1, b: [2] },
    }),
    started(top, at, { inputHash: 'sha256:a' }),
    registered(child, at, { parentId: top, replayOfRecord: anId() }),
    registered(joined, at, { parentId: top, joinedParentIds: [child] }),
    completed(top, at, { outputHash: 'sha256:b' }),
    failed(child, at, { class: 'TypeError', message: 'broken' }),
    completed(joined, at),
    eventAt('execution.failed', at, undefined, { error: { class: 'Error', message: 'broken' } }),
  ];
  return { executionId, top, child, joined, events };
}

/** SQL for another value of a column, by its type. */
const OTHER: Readonly<Record<string, string>> = {
  uuid: `'${OTHER_ID}'`,
  'uuid[]': `ARRAY['${OTHER_ID}']::uuid[]`,
  text: `'another'`,
  jsonb: `'{"another": 1}'`,
  'timestamptz(3)': `'2001-02-03T04:05:06.789Z'`,
};
const otherOf = (table: Table<never>, column: string): string =>
  column === 'status' ? `'cancelled'` : (OTHER[table.columns[column]?.[0] ?? ''] ?? `${column} + 1`);
const notInKey = (table: Table<never>): string[] =>
  Object.keys(table.columns).filter((name) => !table.key.includes(name));

describe('a verification of rows', () => {
  let app: QueryApp;
  beforeAll(async () => (app = await startQueryApp()));
  afterAll(() => app.close());

  const stored = async () => {
    const execution = anExecution();
    await app.store(execution.events);
    return execution;
  };

  it('finds nothing where nothing was changed, and says what it looked at', async () => {
    const { executionId } = await stored();
    const { findings, summary } = await verify(app, executionId);
    expect(findings).toEqual([]);
    expect(summary).toEqual({
      type: 'summary',
      execution_id: executionId,
      checked: {
        executions: 1,
        pruned: 0,
        events: 9,
        records: 3,
        counters: 12,
        joins: 1,
        statistics: 1,
        inputs: 1,
        payloads: 0,
        recorders: 0,
        recorders_compared: 0,
        recorders_pruned: 0,
      },
      findings: [],
      differences: 0,
      unchecked: [],
    });
  });

  it.each(notInKey(RECORDS))(
    'names the record and its column %s when that alone was changed',
    async (column) => {
      const { executionId, top, child } = await stored();
      const id = ['error', 'replay_of_record', 'joined_parent_ids'].includes(column) ? child : top;
      const value = column === 'started' ? 'NOT started' : otherOf(RECORDS, column);
      await app.sql(`UPDATE lineage_record SET ${column} = ${value} WHERE execution_id = $1 AND id = $2`, [
        executionId,
        id,
      ]);
      const { findings, summary } = await verify(app, executionId);
      expect(
        new Set(findings.map(({ kind, record_id, field }) => `${kind} ${record_id} ${field?.split('.')[0]}`)),
      ).toEqual(
        new Set([`${column.endsWith('children') ? 'counter_differs' : 'record_differs'} ${id} ${column}`]),
      );
      expect(findings[0]).toMatchObject({
        difference: true,
        advice: `npm run rebuild -- --execution ${executionId}`,
      });
      expect(summary.differences).toBe(findings.length);
    },
  );

  it.each(notInKey(EXECUTIONS))('names the column %s of an execution', async (column) => {
    const { executionId } = await stored();
    await app.sql(
      `UPDATE lineage_execution SET ${column} = ${otherOf(EXECUTIONS, column)} WHERE execution_id = $1`,
      [executionId],
    );
    const { findings } = await verify(app, executionId);
    expect(new Set(findings.map(({ record_id, field }) => `${record_id} ${field?.split('.')[0]}`))).toEqual(
      new Set([`null ${column}`]),
    );
  });

  it.each(notInKey(STATISTICS))('names the column %s of statistics', async (column) => {
    const { executionId } = await stored();
    await app.sql(
      `UPDATE lineage_statistics SET ${column} = ${otherOf(STATISTICS, column)} WHERE execution_id = $1`,
      [executionId],
    );
    const { findings } = await verify(app, executionId);
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings)
      expect({ ...finding, field: finding.field?.split('.')[0] }).toMatchObject({
        kind: 'statistics_differ',
        route_id: 'documents',
        adapter_name: 'chunker',
        field: column,
      });
  });

  it('says what is stored and what should be, one key of a value at a time', async () => {
    const { executionId, top } = await stored();
    await app.sql(
      `UPDATE lineage_record SET metadata = metadata || '{"b": "x"}', completed_at = NULL, output_hash = 'sha256:c' WHERE id = $1`,
      [top],
    );
    const { findings } = await verify(app, executionId);
    expect(findings.map(({ field, stored: has, expected }) => [field, has, expected])).toEqual([
      ['output_hash', 'sha256:c', 'sha256:b'],
      ['completed_at', null, expect.stringMatching(/^2026-.*Z$/)],
      ['metadata.b', '"x"', '[2]'],
    ]);
  });

  it.each([
    [
      'record_missing',
      'a row that is gone',
      (x: Ids) => [`DELETE FROM lineage_record WHERE id = $1`, x.child],
      'child',
    ],
    [
      'record_unexpected',
      'a row nothing mentions',
      (x: Ids) => [`UPDATE lineage_record SET id = '${OTHER_ID}' WHERE id = $1`, x.joined],
      undefined,
    ],
    [
      'join_missing',
      'a join that is gone',
      (x: Ids) => [`DELETE FROM lineage_join WHERE child_id = $1`, x.joined],
      'joined',
    ],
    [
      'join_unexpected',
      'a join too many',
      (x: Ids) => [`INSERT INTO lineage_join VALUES ('${x.executionId}', '${x.child}', $1)`, x.top],
      'top',
    ],
  ] as const)('finds %s: %s', async (kind, _title, change, named) => {
    const execution = await stored();
    const [sql, id] = change(execution) as [string, string];
    await app.sql(sql, [id]);
    const { findings } = await verify(app, execution.executionId);
    const found = findings.filter((finding) => finding.kind === kind);
    expect(found).toHaveLength(1);
    if (named) {
      expect(findings).toHaveLength(1);
      expect(found[0]?.record_id).toBe(execution[named]);
    } else {
      expect(found[0]?.record_id).toBe(OTHER_ID);
      expect(findings.map((finding) => finding.kind).sort()).toEqual(['record_missing', 'record_unexpected']);
    }
  });

  it.each([
    ['statistics_missing', 'DELETE FROM lineage_statistics WHERE execution_id = $1'],
    [
      'statistics_unexpected',
      `INSERT INTO lineage_statistics SELECT execution_id, 'other', 'other', 0, 0, 0, 0, 0, 0, '{}' FROM lineage_statistics WHERE execution_id = $1`,
    ],
    ['execution_missing', 'DELETE FROM lineage_execution WHERE execution_id = $1'],
  ])('finds %s', async (kind, sql) => {
    const { executionId } = await stored();
    await app.sql(sql, [executionId]);
    const { findings } = await verify(app, executionId);
    expect(findings.map((finding) => finding.kind)).toEqual([kind]);
  });

  it('finds rows whose events are gone, in one execution and among all', async () => {
    const { executionId, top, child, joined } = await stored();
    await app.sql('DELETE FROM lineage_event WHERE execution_id = $1', [executionId]);
    for (const asked of [executionId, undefined]) {
      const { findings } = await verify(app, asked);
      const own = findings.filter((finding) => finding.execution_id === executionId);
      expect(
        own.filter(({ kind }) => kind === 'record_unexpected').map(({ record_id }) => record_id),
      ).toEqual([top, child, joined]);
      expect(new Set(own.map(({ kind }) => kind))).toEqual(
        new Set(['record_unexpected', 'join_unexpected', 'statistics_unexpected', 'execution_unexpected']),
      );
    }
    await app.sql('DELETE FROM lineage_record WHERE execution_id = $1', [executionId]);
  });

  it('finds placeholders that are wrong, gone, or without a child', async () => {
    const executionId = anId();
    const [parent, child] = [anId(), anId()];
    await app.store([registered(child, { executionId }, { parentId: parent })]);
    expect((await verify(app, executionId)).findings).toEqual([]);
    await app.sql(`UPDATE lineage_record SET adapter_name = 'x' WHERE id = $1`, [parent]);
    expect((await verify(app, executionId)).findings).toMatchObject([
      { kind: 'record_differs', record_id: parent, field: 'adapter_name', stored: 'x', expected: null },
    ]);
    await app.sql('DELETE FROM lineage_record WHERE id = $1', [parent]);
    expect((await verify(app, executionId)).findings).toMatchObject([
      { kind: 'record_missing', record_id: parent },
    ]);
    await app.sql(
      `INSERT INTO lineage_record (execution_id, id, status, started, conflicts, children, pending_children)
       VALUES ($1, $2, 'pending', false, 0, 1, 1), ($1, '${OTHER_ID}', 'pending', false, 0, 0, 0)`,
      [executionId, parent],
    );
    expect((await verify(app, executionId)).findings).toMatchObject([
      { kind: 'record_unexpected', record_id: OTHER_ID },
    ]);
  });

  it('knows the least solution: a cycle that claims to have settled is found', async () => {
    const executionId = anId();
    const [a, b] = [anId(), anId()];
    const at = { executionId };
    await app.store([
      registered(a, at, { parentId: b }),
      registered(b, at, { parentId: a }),
      completed(a, at),
      completed(b, at),
      executionEnded(at),
    ]);
    expect((await verify(app, executionId)).findings).toEqual([]);
    await app.sql('UPDATE lineage_record SET pending_children = 0 WHERE execution_id = $1', [executionId]);
    expect((await verify(app, executionId)).findings).toMatchObject(
      [a, b].map((id) => ({
        kind: 'counter_differs',
        record_id: id,
        field: 'pending_children',
        stored: '0',
        expected: '1',
      })),
    );
  });

  it('tells a change of the input on the way from a change of a row', async () => {
    const executionId = anId();
    const [parent, child] = [anId(), anId()];
    const at = { executionId };
    await app.store([
      registered(parent, at),
      registered(child, at, { parentId: parent, inputHash: 'sha256:sent' }),
      started(child, at, { inputHash: 'sha256:came' }),
    ]);
    const { findings, summary } = await verify(app, executionId);
    expect(findings).toMatchObject([
      {
        kind: 'input_changed',
        record_id: child,
        field: 'input_hash',
        stored: 'sha256:came',
        expected: 'sha256:sent',
        advice: `factflow lineage chain ${child} --execution ${executionId}`,
      },
    ]);
    expect(summary).toMatchObject({ differences: 1, checked: { inputs: 1 } });
  });

  it.each([
    [`type = 'record.vanished'`, /type: "record.vanished" is none of/],
    [`data = '[]'`, /data: is not an object/],
    [`data = '{}'`, /data\.route_id: is required/],
    [`data = '{"route_id": "r", "adapter_name": "a", "parent_id": 7}'`, /data\.parent_id/],
    [`occurred_at = '-infinity'`, /occurred_at/],
  ])('names an event in the log that cannot be folded: %s', async (change, reason) => {
    const { executionId, events, child } = await stored();
    const { eventId } = events.find((event) => event.recordId === child) as LineageEvent;
    await app.sql(`UPDATE lineage_event SET ${change} WHERE execution_id = $1 AND event_id = $2`, [
      executionId,
      eventId,
    ]);
    const { findings } = await verify(app, executionId);
    expect(findings.filter(({ kind }) => kind === 'event_invalid')).toMatchObject([
      { record_id: child, event_id: eventId, message: expect.stringMatching(reason) as string },
    ]);
  });

  it('tells no more findings of a kind than are asked for, and counts all', async () => {
    const { executionId } = await stored();
    await app.sql('UPDATE lineage_record SET batch_id = $2, conflicts = 7 WHERE execution_id = $1', [
      executionId,
      OTHER_ID,
    ]);
    const { findings, summary } = await verify(app, executionId, 2);
    expect(findings).toHaveLength(2);
    expect(summary).toMatchObject({
      differences: 6,
      findings: [{ kind: 'record_differs', found: 6, told: 2 }],
    });
  });
});

interface Ids {
  readonly executionId: string;
  readonly top: string;
  readonly child: string;
  readonly joined: string;
}
