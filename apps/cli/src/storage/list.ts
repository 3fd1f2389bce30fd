import type { NamedPayload } from '@factflow/client';
import { EXIT, type ExitCode } from '../cli-error';
import type { Column } from '../layout';
import { cutRemark, printPage, readPages, type Page } from '../pages';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import type { Action, Session } from '../session';
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
  const { settings } = session;
  if (settings.output === 'table' && (settings.columns ?? Infinity) < WIDE && page.items.length > 0)
    return printNarrow(session, page);
  const columns: Column<NamedPayload>[] = [
    { title: 'KEY', text: ({ key }) => key },
    ...columnsOf(printer),
    { title: 'RECORD', text: ({ record_id: id }) => id },
  ];
  return printPage(session, page, async () => columns, NOUN);
};

const NOUN = 'payloads';
/** Where key and record, which are typed and so never cut, fit on one line with what is said of them. */
const WIDE = 132;

/** Keys on lines of their own, below the records that name them. */
async function printNarrow(
  { printer, settings }: Session,
  { items, next_cursor: next }: Page<NamedPayload>,
): Promise<ExitCode> {
  const { tableText } = await import('../layout');
  const columns: Column<NamedPayload>[] = [
    { title: 'RECORD', text: ({ record_id: id }) => id },
    ...columnsOf(printer),
  ];
  const [titles = '', ...lines] = tableText(items, columns, settings.columns).split('\n');
  await printer.line(titles);
  for (const [n, { key }] of items.entries()) {
    await printer.line(lines[n] ?? '');
    await printer.line(`  ${printer.dim(key)}`);
  }
  if (next !== null) printer.remark(cutRemark(items.length, NOUN));
  return EXIT.fine;
}

const columnsOf = (printer: Printer): Column<NamedPayload>[] => [
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
];
