import type { NamedPayload } from '@factflow/client';
import type { Column } from '../layout';
import { printPage, readPages } from '../pages';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import type { Action } from '../session';
import { bytesText } from './bytes-text';

/** `storage list`: the payloads that the records of an execution name. */
export const listPayloads: Action = async (session) => {
  const { api, options, printer } = session;
  const executionId = options.execution as string;
  const page = await readPages<NamedPayload>(
    (query) =>
      api.ask((client) =>
        client.GET('/api/v1/storage', { params: { query: { execution_id: executionId, ...query } } }),
      ),
    options.limit,
  );
  return printPage(session, page, async () => columnsOf(printer), 'payloads');
};

const columnsOf = (printer: Printer): Column<NamedPayload>[] => [
  // A record is looked up by its whole id and shows its keys whole: where there is little room the key gives way.
  { title: 'KEY', text: ({ key }) => key, least: 15 },
  { title: 'SIDE', text: ({ side }) => side },
  {
    title: 'BYTES',
    text: ({ bytes, stored }) => (stored && bytes !== null ? bytesText(bytes) : 'not stored'),
    color: (shown, { stored }) => (stored ? shown : printer.yellow(shown)),
    align: 'right',
  },
  {
    title: 'TYPE',
    text: ({ content_type: type, redacted }) => `${safeText(type)}${redacted ? ' (redacted)' : ''}`,
    least: 8,
    optional: 2,
  },
  {
    title: 'ADAPTER',
    text: ({ route_id: route, adapter_name: adapter }) => safeText(`${route ?? '?'}/${adapter ?? '?'}`),
    least: 8,
    optional: 1,
  },
  { title: 'RECORD', text: ({ record_id: id }) => id },
];
