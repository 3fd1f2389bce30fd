import { Database, type Read } from '../database/database';

/** A node of a plan as EXPLAIN tells it. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** What a statement did. */
export interface Explained {
  readonly sql: string;
  readonly nodes: readonly PlanNode[];
}

const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];

/** The database of a handler: every statement is run twice, to read its plan and to answer. */
export class ExplainingDatabase extends Database {
  private statements: Explained[] = [];
  private readonly plain = this.read;

  override readonly read: Read = async (sql, parameters, narrow) => {
    const [row] = await this.plain<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
      parameters,
    );
    if (!row) throw new Error('no plan');
    this.statements.push({ sql, nodes: flat(row['QUERY PLAN'][0].Plan) });
    return this.plain(sql, parameters, narrow);
  };

  /** The statements since the last call. */
  taken(): readonly Explained[] {
    const { statements } = this;
    this.statements = [];
    return statements;
  }
}

/** Rows that a statement looked at in tables, whether or not it went on with them. */
export const rowsRead = (nodes: readonly PlanNode[]): number =>
  nodes
    .filter((node) => node['Relation Name'] !== undefined)
    .reduce(
      (total, node) =>
        total +
        node['Actual Loops'] *
          (node['Actual Rows'] +
            (node['Rows Removed by Filter'] ?? 0) +
            (node['Rows Removed by Index Recheck'] ?? 0)),
      0,
    );
