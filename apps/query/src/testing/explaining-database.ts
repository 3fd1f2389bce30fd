import type { Statement } from '@factflow/store';
import { escapeLiteral } from 'pg';
import { Database, Reader, type Read } from '../database/database';

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

  override reader(): Reader {
    return new ExplainingReader(
      (work) => this.withClient(work),
      (statement) => this.statements.push(statement),
    );
  }

  /** The statements since the last call. */
  taken(): readonly Explained[] {
    const { statements } = this;
    this.statements = [];
    return statements;
  }
}

const literal = (value: unknown): string =>
  escapeLiteral(
    Array.isArray(value) ? `{${value.map((one) => (one as unknown) ?? 'NULL').join(',')}}` : String(value),
  );

/** Reads the plan that a prepared statement has on a connection; the pool may have no other one. */
class ExplainingReader extends Reader {
  constructor(
    onClient: ConstructorParameters<typeof Reader>[0],
    private readonly explained: (statement: Explained) => void,
  ) {
    super(onClient);
  }

  protected override async query<T>(
    ...[statement, parameters, ...rest]: Parameters<Reader['query']>
  ): Promise<T> {
    const answer = (await super.query(statement, parameters, ...rest)) as T;
    await this.explain(statement, parameters);
    return answer;
  }

  private explain({ name, sql }: Statement, parameters: readonly unknown[]): Promise<void> {
    const values = parameters.length > 0 ? `(${parameters.map(literal).join(', ')})` : '';
    return this.onClient(async (client) => {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE "${name}"${values}`,
      );
      const [row] = rows;
      if (!row) throw new Error('no plan');
      this.explained({ sql, nodes: flat(row['QUERY PLAN'][0].Plan) });
    });
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
