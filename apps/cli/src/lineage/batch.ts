import type { LineageRecord } from '@factflow/client';
import { printPage, readPages } from '../pages';
import type { Action } from '../session';
import { countsText } from './counts';
import { recordColumns } from './show-records';

/** `lineage batch`: the records of a batch, oldest first, and what they amount to. */
export const listBatch: Action = async (session, id) => {
  const { api, options, printer, settings } = session;
  const filters = { batch_id: id, execution_id: options.execution, sort: 'started_at' as const };
  const page = await readPages<LineageRecord>(
    (query) =>
      api.ask((client) => client.GET('/api/v1/lineage', { params: { query: { ...filters, ...query } } })),
    options.limit,
  );
  const oneExecution = new Set(page.items.map(({ execution_id: execution }) => execution)).size <= 1;
  const code = await printPage(
    session,
    page,
    async () => recordColumns(printer, { oneExecution }),
    'records',
  );
  if (settings.output === 'table' && page.items.length > 0 && page.next_cursor === null) {
    await printer.line(`\n${page.items.length} in the batch: ${countsText(page.items)}`);
  }
  return code;
};
