import { anId } from '@factflow/domain/testing';
import { rowsRead, type ExplainingDatabase } from '../testing/explaining-database';
import { EVERY_SHAPE, PlanScene } from '../testing/plan-scene';
import { FEW, type Shape } from '../testing/table-shapes';
import { GetStats, GetStatsHandler } from './get-stats';
import { ListRecords, ListRecordsHandler, type ListRecordsRequest } from './list-records';

const LIMIT = 5;

// The pending records of the large execution are stalled; the recorder of all others is alive.
const EVENTS_SQL = `
  UPDATE lineage_record SET registration_event_id = id`;
const TELL_SQL = `
  INSERT INTO lineage_event (execution_id, event_id, type, record_id, occurred_at, recorder_id, sequence, data)
  SELECT execution_id, id, 'record.registered', id, started_at,
    CASE WHEN execution_id = $1 THEN $2::uuid ELSE $3::uuid END, row_number() OVER (), '{}' FROM lineage_record`;
const RECORDERS_SQL = `
  INSERT INTO lineage_recorder (recorder_id, seen_at, heartbeat_at)
  SELECT $1::uuid, now(), now() - interval '1 hour' UNION ALL SELECT $2::uuid, now(), now() + interval '1 hour'
  UNION ALL SELECT gen_random_uuid(), now(), now() - interval '1 hour' FROM generate_series(1, 2000)`;
const COVERAGE_SQL = `
  INSERT INTO lineage_coverage (execution_id, recorder_id) SELECT DISTINCT execution_id, recorder_id FROM lineage_event`;

describe.each(EVERY_SHAPE)('stalled records with partitions of %s, %s', (layout, statistics) => {
  let scene: PlanScene;
  let shape: Shape;
  let database: ExplainingDatabase;

  beforeAll(async () => {
    const [gone, alive] = [anId(), anId()];
    scene = await PlanScene.open(layout, statistics, async ({ large, database: { dataSource } }) => {
      await dataSource.query(EVENTS_SQL);
      await dataSource.query(TELL_SQL, [large, gone, alive]);
      await dataSource.query(RECORDERS_SQL, [gone, alive]);
      await dataSource.query(COVERAGE_SQL);
    });
    ({ shape, database } = scene);
  });
  afterAll(() => scene.close());

  /** Indexes are not read to the end, nor tables at all. */
  const checked = (mostRows: number): string[] =>
    database.taken().flatMap(({ sql, nodes }) => {
      const scans = nodes.filter(
        (node) =>
          /Seq Scan|Bitmap/.test(node['Node Type']) && node['Relation Name']?.startsWith('lineage_') === true,
      );
      const rows = rowsRead(nodes);
      return [
        ...scans.map((node) => `${node['Node Type']} of ${node['Relation Name']}`),
        ...(rows > mostRows ? [`${rows} rows`] : []),
      ].map((offence) => `${offence}: ${sql}`);
    });

  it('are found through the executions that have any', async () => {
    const handler = new ListRecordsHandler(database);
    for (const filter of [
      {},
      { execution_id: shape.large },
      { route_id: 'usual' },
      { batch_id: shape.largeBatch },
    ]) {
      for (const sort of ['started_at', '-started_at'] as const) {
        const request: ListRecordsRequest = { ...filter, sort, limit: LIMIT, stalled: true };
        const { items } = await handler.execute(new ListRecords(request));
        if (Object.keys(filter).length === 0) expect(items).toHaveLength(LIMIT);
        expect(items.every(({ stalled }) => stalled)).toBe(true);
        // Of each: the record, its event, the recorder; of an execution its row, its coverage and that recorder.
        expect(checked(3 * FEW + 4 * 2)).toEqual([]);
      }
    }
    const none = await handler.execute(
      new ListRecords({ execution_id: shape.small, sort: 'started_at', limit: LIMIT, stalled: true }),
    );
    expect(none.items).toEqual([]);
    expect(checked(4)).toEqual([]);
  });

  it('are counted through their status, where a recorder that is gone was seen', async () => {
    const handler = new GetStatsHandler(database);
    await expect(
      handler.execute(new GetStats({ execution_id: shape.large, limit: 1 })),
    ).resolves.toMatchObject({
      totals: { stalled: FEW },
    });
    await expect(
      handler.execute(new GetStats({ execution_id: shape.small, limit: 1 })),
    ).resolves.toMatchObject({
      totals: { stalled: 0 },
    });
  });
});
