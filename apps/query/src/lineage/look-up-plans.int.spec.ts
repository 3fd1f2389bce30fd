import { compare } from '../executions/diff/compare';
import { rowsRead, type ExplainingDatabase } from '../testing/explaining-database';
import { EVERY_SHAPE, PlanScene } from '../testing/plan-scene';
import { FEW, type Shape } from '../testing/table-shapes';
import { GetChildren, GetChildrenHandler } from './get-children';
import { GetRecord, GetRecordHandler } from './get-record';
import { ListEvents, ListEventsHandler } from './list-events';
import { StreamChain, StreamChainHandler } from './stream-chain';

const LIMIT = 20;
const PAGES = 3;
const MAX_IDS = 1_000_000;
const ALL_THE_WAY = { direction: 'both', depth: 1_000_000 } as const;

/** Indexes that find records, children, joins and events by what they are asked for, and nothing beside it. */
const FITTING = [
  'lineage_record_pkey',
  'lineage_record_id',
  'lineage_record_children',
  'lineage_join_pkey',
  'lineage_event_record',
  // Whether pending records are stalled.
  'lineage_event_pkey',
  'lineage_coverage_pkey',
  'lineage_execution_pkey',
  'lineage_tombstone_unfinished',
];

const EVENTS_SQL = `
  INSERT INTO lineage_event (execution_id, event_id, type, record_id, occurred_at, data)
  SELECT execution_id, gen_random_uuid(), 'record.registered', id, started_at, '{}' FROM lineage_record`;

describe.each(EVERY_SHAPE)('look-ups with partitions of %s, %s', (layout, statistics) => {
  let scene: PlanScene;
  let shape: Shape;
  let database: ExplainingDatabase;

  beforeAll(async () => {
    scene = await PlanScene.open(layout, statistics, async (filled) => {
      await filled.database.dataSource.query(EVENTS_SQL);
    });
    ({ shape, database } = scene);
  });
  afterAll(() => scene.close());

  /** What the statements did that they should not have done. */
  const offences = (mostRows: number): string[] =>
    database.taken().flatMap(({ sql, nodes }) => {
      const rows = rowsRead(nodes);
      return [
        ...scene.indexesOf({ nodes }).filter((index) => !FITTING.includes(index)),
        ...nodes.filter((node) => node['Node Type'] === 'Seq Scan').map(() => 'Seq Scan'),
        ...(rows > mostRows ? [`${rows} rows`] : []),
      ].map((offence) => `${offence}: ${sql}`);
    });

  it('of a record read that record', async () => {
    const handler = new GetRecordHandler(database);
    for (const [id, execution] of [
      [shape.root, shape.large],
      [shape.smallRoot, shape.small],
    ] as const) {
      await handler.execute(new GetRecord(id, execution));
      expect(offences(1)).toEqual([]);
      await handler.execute(new GetRecord(id, undefined));
      expect(offences(1)).toEqual([]);
    }
    expect(scene.partitionsOf('lineage_record_id')).toBeGreaterThan(0);
  });

  it('of children read a page, whichever it is', async () => {
    const handler = new GetChildrenHandler(database);
    for (const root of [shape.root, shape.smallRoot]) {
      let cursor: string | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const request = { limit: LIMIT, ...(cursor !== undefined && { cursor }) };
        const { next_cursor: next } = await handler.execute(new GetChildren(root, request));
        // Entries of children, and their records.
        expect(offences(2 * (LIMIT + 1))).toEqual([]);
        if (next === null) break;
        cursor = next;
      }
    }
  });

  it('of events read those of the record', async () => {
    const handler = new ListEventsHandler(database);
    for (const root of [shape.root, shape.smallRoot]) {
      await handler.execute(new ListEvents(root, { limit: LIMIT }));
      expect(offences(2)).toEqual([]);
    }
  });

  it('of two executions that are compared read each of their records once', async () => {
    const { comparison } = await compare(database.reader(), shape.large, shape.small, MAX_IDS);
    expect(comparison.length).toBeGreaterThan(1000);
    // Whether pending ones are stalled takes their event.
    const { a, b } = comparison.pairing;
    expect(offences(a.count + b.count + 4 * FEW)).toEqual([]);
  });

  it('of a chain read each of its records three times at most', async () => {
    const handler = new StreamChainHandler(database, MAX_IDS);
    for (const root of [shape.root, shape.smallRoot]) {
      let lines = 0;
      for await (const text of await handler.execute(new StreamChain(root, ALL_THE_WAY))) {
        lines += text.split('\n').length - 1;
      }
      expect(lines).toBeGreaterThan(1);
      expect(offences(3 * lines)).toEqual([]);
    }
  });
});
