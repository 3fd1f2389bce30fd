import { WordSet } from '../http/query-fields';
import { rowsRead, type ExplainingDatabase, type Explained } from '../testing/explaining-database';
import { EVERY_SHAPE, PlanScene } from '../testing/plan-scene';
import { FEW, type Shape } from '../testing/table-shapes';
import { GroupFailures, GroupFailuresHandler } from './group-failures';
import { ListFailuresHandler, ListFailures, type ListFailuresRequest } from './list-failures';
import { ListRecords, ListRecordsHandler, type ListRecordsRequest } from './list-records';
import type { RecordFilters } from './record-filters';

const LIMIT = 20;
const PAGES = 3;

type Case = readonly [filter: RecordFilters, ...indexes: string[]];

const word = (words: string): WordSet => new WordSet(words);
const START = Date.UTC(2026, 10, 24);

/** Filters alone, and the indexes that serve each: pending records are found by their status alone. */
const alone = (shape: Shape): Case[] => [
  [{}, 'lineage_record_status'],
  [{ started_after: START }, 'lineage_record_status'],
  [{ started_before: START + 5000 }, 'lineage_record_status'],
  [{ started_after: START + 1000, started_before: START + 9000 }, 'lineage_record_status'],
  ...[
    'pending',
    'failed',
    'cancelled',
    'completed',
    'failed,pending',
    'cancelled,completed,failed,pending',
  ].map((words): Case => [{ status: word(words) }, 'lineage_record_status']),
  ...['pending', 'done', 'failed', 'cancelled', 'cancelled,done', 'awaiting_children,done,failed'].map(
    (words): Case => [{ completion: word(words) }, 'lineage_record_status'],
  ),
  [{ completion: word('awaiting_children') }, 'lineage_record_status'],
  ...['usual', 'rare', 'of 7'].flatMap((name): Case[] => [
    [{ route_id: name }, 'lineage_record_route', 'lineage_record_status'],
    [{ adapter_name: name }, 'lineage_record_adapter', 'lineage_record_status'],
  ]),
  ...[shape.largeBatch, shape.smallBatch].map((batch): Case => [
    { batch_id: batch },
    'lineage_record_batch',
    'lineage_record_status',
  ]),
  ...[shape.root, shape.smallRoot].map((parent): Case => [{ parent_id: parent }, 'lineage_record_children']),
  ...['sha256:common', `sha256:${shape.large}4`, `sha256:${shape.small}4`].flatMap((hash): Case[] => [
    [{ input_hash: hash }, 'lineage_record_input', 'lineage_record_status'],
    [{ output_hash: hash }, 'lineage_record_output', 'lineage_record_status'],
  ]),
];

/** The same with an execution. */
const withExecution = (shape: Shape): Case[] =>
  [shape.large, shape.small].flatMap((execution) =>
    alone(shape).map(([filter, ...indexes]): Case => [
      { ...filter, execution_id: execution },
      ...indexes.map((index) => index.replace(/_(status|route|adapter)$/, '_execution_$1')),
    ]),
  );

describe.each(EVERY_SHAPE)('lists with partitions of %s, %s', (layout, statistics) => {
  let scene: PlanScene;
  let shape: Shape;
  let database: ExplainingDatabase;
  let partitions: number;

  beforeAll(async () => {
    scene = await PlanScene.open(layout, statistics);
    ({ shape, database } = scene);
    partitions = scene.partitionsOf('lineage_record_status');
  });
  afterAll(() => scene.close());

  const indexesOf = (statement: Explained): string[] =>
    scene.indexesOf(statement).filter((index) => index.startsWith('lineage_record_'));
  /** What a plan must never hold. */
  const offences = ({ nodes }: Explained): string[] =>
    nodes
      .filter(
        (node) =>
          /Sort|Bitmap|Gather/.test(node['Node Type']) ||
          (node['Node Type'] === 'Seq Scan' && node['Relation Name']?.startsWith('lineage_') === true),
      )
      .map((node) => `${node['Node Type']} ${node['Relation Name'] ?? ''}`);
  /**
   * A merge looks at the first row of each of its parts, of each partition at that. Where the filter is about something
   * else, pending records are looked at one by one; for those awaiting children the completed ones of the executions that
   * have any.
   */
  const mostRows = (filter: RecordFilters, parts: number): number => {
    const page = LIMIT + 1 + parts * (filter.execution_id === undefined ? partitions : 1);
    const isAwaiting = filter.completion?.words.join() === 'awaiting_children';
    return page + FEW + (isAwaiting ? shape.unsettled : 0);
  };
  // What comes behind it asks whether pending records of the page are stalled.
  const last = (statements: readonly Explained[]): Explained => {
    const statement = statements.findLast(({ sql }) => sql.includes('FROM lineage_record '));
    if (!statement) throw new Error('no statement was run');
    return statement;
  };
  /** What the statements of the first pages of a list did, in both directions. */
  const pagesOf = async (filter: RecordFilters): Promise<Explained[]> => {
    const handler = new ListRecordsHandler(database);
    const found: Explained[] = [];
    for (const sort of ['started_at', '-started_at'] as const) {
      let cursor: string | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const request: ListRecordsRequest = { ...filter, sort, limit: LIMIT, ...(cursor && { cursor }) };
        const { next_cursor: next } = await handler.execute(new ListRecords(request));
        const statements = database.taken();
        expect(statements.flatMap(offences)).toEqual([]);
        found.push(last(statements));
        if (next === null) break;
        cursor = next;
      }
    }
    return found;
  };

  it.each([
    ['alone', alone],
    ['with an execution', withExecution],
  ] as const)('read a page from the index of the filter, every filter %s', async (_name, cases) => {
    const wrong: unknown[] = [];
    for (const [filter, ...expected] of cases(shape)) {
      for (const statement of await pagesOf(filter)) {
        const indexes = indexesOf(statement);
        const rows = rowsRead(statement.nodes);
        const parts = statement.sql.split('UNION ALL').length;
        const most = mostRows(filter, parts);
        if (indexes.sort().join() !== expected.sort().join() || rows > most) {
          wrong.push({ filter, expected, indexes, rows, most });
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('read failures from an index of failures, whatever else must hold', async () => {
    const handler = new ListFailuresHandler(database);
    for (const [filter] of [...alone(shape), ...withExecution(shape)]) {
      const scoped = filter.execution_id !== undefined || filter.parent_id !== undefined;
      const index = scoped ? 'lineage_record_execution_failures' : 'lineage_record_failures';
      let cursor: string | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const request: ListFailuresRequest = { ...filter, limit: 2, ...(cursor && { cursor }) };
        const { next_cursor: next } = await handler.execute(new ListFailures(request));
        const statements = database.taken();
        expect(statements.flatMap(offences)).toEqual([]);
        // What was tried since is read behind the page, by indexes of its own.
        const listing = statements.filter(({ sql }) => !sql.includes('attempt.id')).at(-1);
        if (listing) {
          expect({ filter, indexes: indexesOf(listing) }).toEqual({ filter, indexes: [index] });
        }
        if (next === null) break;
        cursor = next;
      }
    }
  });

  it('group failures from an index of failures, whatever else must hold', async () => {
    const handler = new GroupFailuresHandler(database);
    for (const [filter] of [...alone(shape), ...withExecution(shape)]) {
      await handler.execute(new GroupFailures(filter, LIMIT));
      expect(database.taken().flatMap(offences)).toEqual([]);
    }
  });

  it('keep to indexes when several filters are given', async () => {
    const { large, small, largeBatch, root } = shape;
    const several: RecordFilters[] = [
      { status: word('failed'), route_id: 'usual', started_after: START },
      { completion: word('done'), route_id: 'usual', adapter_name: 'usual', execution_id: large },
      { status: word('completed'), completion: word('done'), execution_id: large },
      { batch_id: largeBatch, status: word('failed'), adapter_name: 'usual' },
      { parent_id: root, execution_id: large, input_hash: 'sha256:common' },
      { parent_id: root, started_before: START + 5000, route_id: 'usual' },
      { input_hash: 'sha256:common', output_hash: 'sha256:common', batch_id: largeBatch },
      { route_id: 'of 7', adapter_name: 'of 7', started_before: START, execution_id: small },
    ];
    for (const filter of several) await pagesOf(filter);
  });
});
