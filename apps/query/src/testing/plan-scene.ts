import { createReadOnlySource } from '../database/database.module';
import { ExplainingDatabase, type Explained } from './explaining-database';
import { LAYOUTS, makeShape, STATISTICS, type Layout, type Shape, type Statistics } from './table-shapes';

export const EVERY_SHAPE = LAYOUTS.flatMap((layout) =>
  STATISTICS.map((statistics) => [layout, statistics] as const),
);

const INDEXES_SQL = `
  SELECT i.inhrelid::regclass::text AS part, i.inhparent::regclass::text AS whole
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind = 'i'`;

/** Tables in a shape, and the database of the query app, which tells how it read them. */
export class PlanScene {
  private constructor(
    readonly shape: Shape,
    readonly database: ExplainingDatabase,
    /** index of the whole table by that of a partition */
    private readonly wholeIndex: ReadonlyMap<string, string>,
  ) {}

  /** @param fill what else the tables hold */
  static async open(
    layout: Layout,
    statistics: Statistics,
    fill?: (shape: Shape) => Promise<void>,
  ): Promise<PlanScene> {
    const shape = await makeShape(layout, statistics);
    await fill?.(shape);
    const { url, dataSource } = shape.database;
    const rows = await dataSource.query<{ part: string; whole: string }[]>(INDEXES_SQL);
    const source = createReadOnlySource({ databaseUrl: url, poolSize: 1, statementTimeoutMs: 60_000 });
    return new PlanScene(
      shape,
      new ExplainingDatabase(source),
      new Map(rows.map(({ part, whole }) => [part, whole])),
    );
  }

  /** How many partitions an index has: a merge looks at the first row of each. */
  partitionsOf(index: string): number {
    return [...this.wholeIndex.values()].filter((whole) => whole === index).length;
  }

  /** Indexes of partitioned tables that a statement read, whichever their partition, each once. */
  indexesOf({ nodes }: Pick<Explained, 'nodes'>): string[] {
    return [...new Set(nodes.flatMap((node) => this.wholeIndex.get(node['Index Name'] ?? '') ?? []))];
  }

  async close(): Promise<void> {
    await this.database.onApplicationShutdown();
    await this.shape.database.drop();
  }
}
