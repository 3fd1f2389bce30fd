import type { Statement } from '@factflow/store';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { absentExecution, notPruned } from './absent-execution';
import { EXECUTION_COLUMNS, executionsOf, type ExecutionRow } from './execution';
import { withDetails, type ExecutionDetails } from './execution-details';

/** One execution with its counts, what failed in it and what was replayed from it. */
export class GetExecution extends Query<ExecutionDetails> {
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

  async execute({ id }: GetExecution): Promise<ExecutionDetails> {
    // One snapshot: what is said of the execution and of its recorders is of one moment.
    const details = await this.database.snapshot(async (reader) => {
      const [execution] = await executionsOf(reader, await reader.rows<ExecutionRow>(EXECUTION, [id]));
      return execution && withDetails(reader, execution);
    });
    if (!details) throw await absentExecution(this.database.reader(), id);
    return details;
  }
}
