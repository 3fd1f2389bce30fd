import type { Recorder, RecorderState } from '@factflow/client';
import type { Column } from '../layout';
import { printPage, readPages } from '../pages';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import type { Action } from '../session';
import { duration } from '../time';

/** `recorders`: what recorders say of themselves, and what is missing of them. */
export const listRecorders: Action = async (session) => {
  const { api, options, printer } = session;
  const filters = { service: options.service, state: options.state as never };
  const page = await readPages<Recorder>(
    (query) =>
      api.ask((client) => client.GET('/api/v1/recorders', { params: { query: { ...filters, ...query } } })),
    options.limit,
  );
  return printPage(session, page, async () => columnsOf(printer), 'recorders');
};

const OUTCOMES: Readonly<Record<RecorderState, string>> = {
  alive: 'done',
  stuck: 'pending',
  gone: 'failed',
  closed: '',
  silent: '',
};

const text = (value: string | null): string => (value === null ? '-' : safeText(value));

function columnsOf(printer: Printer): Column<Recorder>[] {
  const count = (title: string, of: (recorder: Recorder) => number, isBad = false): Column<Recorder> => ({
    title,
    text: (recorder) => String(of(recorder)),
    color: (shown, recorder) =>
      of(recorder) === 0 ? printer.dim(shown) : isBad ? printer.red(shown) : printer.yellow(shown),
    align: 'right',
  });
  return [
    { title: 'RECORDER', text: ({ id }) => id },
    { title: 'SERVICE', text: ({ service }) => text(service), least: 5 },
    { title: 'HOST', text: ({ host }) => text(host), least: 6, optional: 2 },
    { title: 'PID', text: ({ pid }) => (pid === null ? '-' : String(pid)), align: 'right', optional: 3 },
    {
      title: 'STATE',
      text: ({ state }) => state,
      color: (shown, { state }) => printer.outcome(shown, OUTCOMES[state]),
    },
    { title: 'HEARTBEAT', text: ({ heartbeat_at: at }) => printer.time(at), optional: 1 },
    {
      title: 'MAIN THREAD',
      text: ({ main_thread_age_ms: age }) => (age === null ? '-' : duration(age)),
      align: 'right',
      optional: 4,
    },
    count('QUEUED', ({ queued }) => queued),
    count('SPOOLED', ({ spooled }) => spooled),
    {
      ...count('PAYLOADS', ({ payloads }) => payloads ?? 0),
      text: ({ payloads }) => (payloads ? String(payloads) : ''),
      optional: 1,
    },
    count('LOST', ({ lost }) => lost, true),
    count('GAPS', ({ gaps }) => gaps, true),
    // Hardly ever anything: a recorder that gives one number to several events is broken.
    {
      title: 'REPEATED',
      text: ({ repeated }) => (repeated > 0 ? String(repeated) : ''),
      color: (shown) => printer.red(shown),
      align: 'right',
      optional: 0,
    },
  ];
}
