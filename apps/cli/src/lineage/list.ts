import type { LineageRecord } from '@factflow/client';
import { usageError } from '../cli-error';
import { follow } from '../follow';
import { printPage, readPages, type Ask } from '../pages';
import type { Action, Session } from '../session';
import { filtersOf, recordColumns, recordLine } from './show-records';

/** `lineage list`: registered records that match all filters. */
export const listRecords: Action = async (session) => {
  const { options } = session;
  if (options.follow && options.sort === 'started_at') {
    throw usageError('--follow starts from the newest records: it cannot go with --sort started_at.');
  }
  return showRecords(session, '/api/v1/lineage');
};

type ListPath = '/api/v1/lineage' | '/api/v1/lineage/failures';

/** Prints or follows a list of records. */
export function showRecords(session: Session, path: ListPath) {
  const { options } = session;
  const ask = asking(session, path);
  if (options.follow) return followRecords(session, ask, path);
  return readPages(ask, options.limit).then((page) =>
    printPage(
      session,
      page,
      async () =>
        recordColumns(session.printer, {
          oneExecution: options.execution !== undefined,
          allFailed: path !== '/api/v1/lineage',
        }),
      path === '/api/v1/lineage' ? 'records' : 'failed records',
    ),
  );
}

function asking({ api, options }: Session, path: ListPath): Ask<LineageRecord> {
  const filters = filtersOf(options);
  const sort = options.sort as '-started_at' | undefined;
  return (page) =>
    api.ask((client) =>
      path === '/api/v1/lineage'
        ? client.GET(path, { params: { query: { ...filters, sort, ...page } } })
        : client.GET(path, { params: { query: { ...filters, ...page } } }),
    );
}

const followRecords = (session: Session, ask: Ask<LineageRecord>, path: ListPath) =>
  follow(session, {
    ask,
    timeOf: (record) => (path === '/api/v1/lineage' ? record.started_at : record.completed_at),
    keyOf: (record) => record.execution_id + record.id,
    print: (record) =>
      session.settings.output === 'jsonl'
        ? session.printer.jsonLine(record)
        : session.printer.line(recordLine(session.printer, record)),
  });
