import { rowsRead, type ExplainingDatabase, type Explained } from '../testing/explaining-database';
import { EVERY_SHAPE, PlanScene } from '../testing/plan-scene';
import { FEW, type Shape } from '../testing/table-shapes';
import { withDetails } from './execution-details';
import { ListExecutions, ListExecutionsHandler, type ListExecutionsRequest } from './list-executions';

const LIMIT = 20;
const PAGES = 3;
/** Adapters of the large execution; one in two of them failed. */
const ADAPTERS = 200;
/** Executions of the crowd that replay the large one; as many of the rest as given replay one each. */
const REPLAYS = 350;
const OTHERS = 40;

const STATISTICS_SQL = `
  INSERT INTO lineage_statistics (execution_id, route_id, adapter_name, pending, awaiting_children, done, failed, cancelled,
    duration_ms, durations)
  SELECT x.execution_id, 'usual', 'adapter ' || n, 0, 0, 1, n % 2, 0, 0, '{}'
  FROM lineage_execution x CROSS JOIN LATERAL generate_series(1, CASE x.execution_id WHEN $1 THEN ${ADAPTERS} ELSE 2 END) n`;
const REPLAYS_SQL = `
  UPDATE lineage_execution x SET replay_of = CASE WHEN crowd.n <= ${REPLAYS} THEN $1 ELSE crowd.before END
  FROM (SELECT execution_id, row_number() OVER (ORDER BY started_at) AS n,
      lag(execution_id) OVER (ORDER BY started_at) AS before
    FROM lineage_execution WHERE execution_id <> $1) crowd
  WHERE x.execution_id = crowd.execution_id AND crowd.n <= ${REPLAYS + OTHERS}`;

describe.each(EVERY_SHAPE)('executions with partitions of %s, %s', (layout, statistics) => {
  let scene: PlanScene;
  let shape: Shape;
  let database: ExplainingDatabase;
  /** a merge looks at the first row of each */
  let partitions: number;

  beforeAll(async () => {
    scene = await PlanScene.open(layout, statistics, async ({ large, database: { dataSource } }) => {
      for (const sql of [STATISTICS_SQL, REPLAYS_SQL]) await dataSource.query(sql, [large]);
      // Nearly all executions replay the same one: any index of executions seems to begin with replays of any.
      if (statistics === 'analysed') await dataSource.query('ANALYZE lineage_execution, lineage_statistics');
    });
    ({ shape, database } = scene);
    partitions = scene.partitionsOf('lineage_execution_replays');
  });
  afterAll(() => scene.close());

  /** Tables are never read but by an index, and no more of them than what is answered. */
  const offences = (statements: readonly Explained[], mostRows: number): string[] =>
    statements.flatMap(({ sql, nodes }) => {
      const tables = nodes.filter(
        (node) => node['Node Type'] === 'Seq Scan' && node['Relation Name']?.startsWith('lineage_') === true,
      );
      const rows = rowsRead(nodes);
      return [
        ...tables.map((node) => `Seq Scan of ${node['Relation Name']}`),
        ...(rows > mostRows ? [`${rows} rows`] : []),
      ].map((offence) => `${offence}: ${sql}`);
    });
  /** Reads the first pages of a list. @returns how many there were */
  const pagesOf = async (request: Omit<ListExecutionsRequest, 'limit'>): Promise<number> => {
    const handler = new ListExecutionsHandler(database);
    let cursor: string | undefined;
    for (let page = 1; ; page += 1) {
      const { next_cursor: next } = await handler.execute(
        new ListExecutions({ ...request, limit: LIMIT, ...(cursor && { cursor }) }),
      );
      // What comes behind the page tells of its recorders and pins.
      const [listing] = database.taken();
      if (!listing) throw new Error('no statement was run');
      expect(offences([listing], LIMIT + 1 + partitions)).toEqual([]);
      expect(scene.indexesOf(listing)).toEqual(['lineage_execution_replays']);
      if (next === null || page === PAGES) return page;
      cursor = next;
    }
  };

  it('are listed by what they replay from the index of replays', async () => {
    expect(await pagesOf({ replay_of: shape.large })).toBe(PAGES);
    expect(await pagesOf({ replay_of: shape.small })).toBe(1);
    expect(await pagesOf({ replay_of: shape.root })).toBe(1);
  });

  it('tell what failed and what was replayed from statistics, failures and replays of them alone', async () => {
    const detailsOf = async (id: string) => {
      const details = await withDetails(database.reader(), { id } as Parameters<typeof withDetails>[1]);
      const [failing, replays] = database.taken();
      if (!failing || !replays) throw new Error('no statement was run');
      return { details, failing, replays };
    };
    const large = await detailsOf(shape.large);
    expect(large.details).toMatchObject({ more_failing_adapters: true, more_replays: true });
    expect(offences([large.failing], ADAPTERS + FEW)).toEqual([]);
    const small = await detailsOf(shape.small);
    expect(offences([small.failing], 2)).toEqual([]);
    for (const { failing } of [large, small]) {
      expect(scene.indexesOf(failing).sort()).toEqual([
        'lineage_record_execution_failures',
        'lineage_statistics_pkey',
      ]);
    }
    for (const { replays } of [large, small]) {
      expect(offences([replays], LIMIT + 1 + partitions)).toEqual([]);
      expect(scene.indexesOf(replays)).toEqual(['lineage_execution_replays']);
    }
  });
});
