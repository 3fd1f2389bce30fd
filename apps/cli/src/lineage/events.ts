import type { RecordEvent } from '@factflow/client';
import type { Column } from '../layout';
import { printPage, readPages } from '../pages';
import type { Printer } from '../printer';
import { safeJson } from '../safe-text';
import type { Action } from '../session';

/** `lineage events`: the events of a record in the order in which they decide. */
export const listEvents: Action = async (session, id) => {
  const { api, options, printer } = session;
  const page = await readPages<RecordEvent>(
    (query) =>
      api.ask((client) =>
        client.GET('/api/v1/lineage/{id}/events', {
          params: { path: { id }, query: { execution_id: options.execution, ...query } },
        }),
      ),
    options.limit,
  );
  return printPage(session, page, async () => columnsOf(printer), 'events');
};

const columnsOf = (printer: Printer): Column<RecordEvent>[] => [
  { title: 'OCCURRED', text: (event) => printer.time(event.occurred_at) },
  {
    title: 'TYPE',
    text: ({ type }) => type,
    color: (text, { type }) => printer.outcome(text, type.replace('record.', '').replace('completed', '')),
  },
  {
    title: 'CONFLICT',
    text: ({ conflict_reason: reason }) => reason?.replaceAll('_', ' ') ?? '',
    color: (text) => printer.yellow(text),
    least: 8,
  },
  { title: 'EVENT', text: (event) => event.event_id, optional: 1 },
  { title: 'DATA', text: (event) => safeJson(event.data), least: 12 },
];
