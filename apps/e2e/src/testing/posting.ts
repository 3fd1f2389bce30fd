import { toWire, type LineageEvent } from '@factflow/domain';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** How long a client goes on, and how long it waits between attempts. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 20;

/** How events are written into a request. */
export interface Format {
  readonly array: boolean;
  readonly gzip: boolean;
}

export const FORMATS: readonly Format[] = [
  { array: false, gzip: false },
  { array: true, gzip: false },
  { array: false, gzip: true },
  { array: true, gzip: true },
];

/** The answer of the ingest route to a batch it took. */
export interface Report {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly {
    readonly index: number;
    readonly event_id: string | null;
    readonly code: string;
    readonly message: string;
  }[];
}

/** Any answer: JSON where it is JSON. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Posts a body as it is. */
export async function postBody(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/x-ndjson' },
): Promise<Answer<Report & { readonly errors?: readonly { field: string }[] }>> {
  const response = await fetch(`${url}/api/v1/events`, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, body: await bodyOf(response) };
}

/** JSON where the answer is JSON, its text where it is not. */
async function bodyOf<Body>(response: Response): Promise<Body> {
  const text = await response.text();
  return (/[/+]json\b/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as Body;
}

/** Posts events in one request. */
export function post(
  url: string,
  events: readonly LineageEvent[],
  { array, gzip }: Format = { array: false, gzip: false },
): ReturnType<typeof postBody> {
  const wires = events.map(toWire);
  const text = array ? JSON.stringify(wires) : wires.map((wire) => JSON.stringify(wire)).join('\n');
  return postBody(url, gzip ? new Uint8Array(gzipSync(text)) : text, {
    'content-type': array ? 'application/json' : 'application/x-ndjson',
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
  });
}

/** Posts events and has them all taken. */
export async function store(url: string, events: readonly LineageEvent[]): Promise<void> {
  const { status, body } = await post(url, events);
  if (status !== 200 || body.rejected.length > 0) throw new Error(`${status} ${JSON.stringify(body)}`);
}

/**
 * Posts events as a client does that must not lose any: again, to the next app, while the answer is none or 503.
 * @returns how many attempts failed
 */
export async function postUntilTaken(
  urls: readonly string[],
  events: readonly LineageEvent[],
  format: Format,
): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let attempt = 0; performance.now() < deadline; attempt += 1) {
    const url = urls[attempt % urls.length] as string;
    const answer = await post(url, events, format).catch(() => undefined);
    if (answer?.status === 200) {
      expect(answer.body.rejected).toEqual([]);
      expect(answer.body.accepted + answer.body.duplicates).toBe(events.length);
      return attempt;
    }
    if (answer) expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 503 });
    await pause(RETRY_MS);
  }
  throw new Error(`no app of ${urls.join(', ')} took the events for ${PATIENCE_MS} ms`);
}

/** Asks the query app. */
export async function get<Body>(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  const response = await fetch(`${url}/api/v1${path}`, { headers });
  return { status: response.status, headers: response.headers, body: await bodyOf<Body>(response) };
}

/** All items of a paged list. */
export async function getAll<Item>(url: string, path: string, limit = 1000): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await get<{ items: Item[]; next_cursor: string | null }>(
      url,
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${more}`,
    );
    expect({ path, status }).toEqual({ path, status: 200 });
    items.push(...body.items);
    cursor = body.next_cursor;
  }
  return items;
}
