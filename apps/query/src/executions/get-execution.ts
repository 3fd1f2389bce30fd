import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import type { Statement } from '../database/statement';
import { absentExecution, notPruned } from './absent-execution';
import { EXECUTION_COLUMNS, executionOf, type Execution, type ExecutionRow } from './execution';

/** An execution takes no parameters but its id. */
export class OneExecutionRequest {}

/** One execution with its counts. */
export class GetExecution extends Query<Execution> {
  constructor(readonly id: string) {
    super();
  }
}

// Served by the primary key.
const EXECUTION: Statement = {
  name: 'execution',
  sql: `
  SELECT ${EXECUTION_COLUMNS} FROM lineage_execution x
  WHERE x.execution_id = $1::uuid AND ${notPruned('x.execution_id')}`,
};

@QueryHandler(GetExecution)
export class GetExecutionHandler implements IQueryHandler<GetExecution> {
  constructor(private readonly database: Database) {}

  async execute({ id }: GetExecution): Promise<Execution> {
    const reader = this.database.reader();
    const [row] = await reader.rows<ExecutionRow>(EXECUTION, [id]);
    if (!row) throw await absentExecution(reader, id);
    return executionOf(row);
  }
}
