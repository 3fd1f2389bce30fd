import type { Statement } from '@factflow/store';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { QueryError } from '../database/query-error';
import { COLUMNS, recorderOf, type Recorder, type RecorderRow } from './recorder';

/** One recorder. */
export class GetRecorder extends Query<Recorder> {
  constructor(readonly id: string) {
    super();
  }
}

// Served by the primary key.
const RECORDER: Statement = {
  name: 'recorder',
  sql: `SELECT ${COLUMNS} FROM lineage_recorder o WHERE o.recorder_id = $1::uuid`,
};

@QueryHandler(GetRecorder)
export class GetRecorderHandler implements IQueryHandler<GetRecorder> {
  constructor(private readonly database: Database) {}

  async execute({ id }: GetRecorder): Promise<Recorder> {
    const [row] = await this.database.reader().rows<RecorderRow>(RECORDER, [id]);
    if (!row) throw new QueryError('recorder_not_found', `There is no recorder ${id}.`);
    return recorderOf(row);
  }
}
