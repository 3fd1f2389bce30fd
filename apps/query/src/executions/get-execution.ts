import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
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
const EXECUTION_SQL = `
  SELECT ${EXECUTION_COLUMNS} FROM lineage_execution x WHERE x.execution_id = $1 AND ${notPruned('x.execution_id')}`;

@QueryHandler(GetExecution)
export class GetExecutionHandler implements IQueryHandler<GetExecution> {
  constructor(private readonly database: Database) {}

  async execute({ id }: GetExecution): Promise<Execution> {
    const [row] = await this.database.read<ExecutionRow>(EXECUTION_SQL, [id]);
    if (!row) throw await absentExecution(this.database.read, id);
    return executionOf(row);
  }
}
