import type { LineageRecord } from '@factflow/client';
import { printPage, readPages } from '../pages';
import type { Action } from '../session';
import { recordColumns } from './show-records';

/** `lineage children`: the direct children of a record, joins included. */
export const listChildren: Action = async (session, id) => {
  const { api, options, printer } = session;
  const page = await readPages<LineageRecord>(
    (query) =>
      api.ask((client) =>
        client.GET('/api/v1/lineage/{id}/children', {
          params: { path: { id }, query: { execution_id: options.execution, ...query } },
        }),
      ),
    options.limit,
  );
  return printPage(session, page, async () => recordColumns(printer, { oneExecution: true }), 'children');
};
