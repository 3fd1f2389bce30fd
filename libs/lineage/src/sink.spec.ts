import { HttpSink } from './http.sink';
import { MemorySink } from './memory.sink';
import type { Sink } from './sink';
import { CommandApp } from './testing/command-app';
import { outgoing } from './testing/outgoing';

interface Harness {
  readonly sink: Sink;
  stored(): readonly string[];
  away(isAway: boolean): void;
  stop(): Promise<void>;
}

const harnesses: Record<string, () => Promise<Harness>> = {
  MemorySink: async () => {
    const sink = new MemorySink();
    return {
      sink,
      stored: () => sink.events.map(({ eventId }) => eventId),
      away: (isAway) => (sink.available = !isAway),
      stop: async () => sink.close(),
    };
  },
  HttpSink: async () => {
    const app = await CommandApp.start();
    const sink = new HttpSink({ endpoint: new URL(app.endpoint), requestTimeoutMs: 5000, service: 'spec' });
    return {
      sink,
      stored: () => app.events.map(({ eventId }) => eventId),
      away: (isAway) => (app.always = isAway ? 'cut' : 'well'),
      stop: async () => {
        sink.close();
        await app.stop();
      },
    };
  },
};

const { signal } = new AbortController();

describe.each(Object.entries(harnesses))('%s keeps the contract of a sink', (_, make) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await make();
  });
  afterEach(() => harness.stop());

  it('stores a batch in its order', async () => {
    const batch = [outgoing(1), outgoing(2), outgoing(3)];
    await expect(harness.sink.send(batch, signal)).resolves.toEqual({ kind: 'accepted', rejected: [] });
    expect(harness.stored()).toEqual(batch.map(({ eventId }) => eventId));
  });

  it('stores a repeated batch once', async () => {
    const batch = [outgoing(1), outgoing(2)];
    await harness.sink.send(batch, signal);
    await expect(harness.sink.send(batch, signal)).resolves.toEqual({ kind: 'accepted', rejected: [] });
    expect(harness.stored()).toHaveLength(2);
  });

  it('names the event it rejects, with the reason, and stores the others', async () => {
    const batch = [outgoing(1), outgoing(2, { type: 'record.vanished' }), outgoing(3)];
    await expect(harness.sink.send(batch, signal)).resolves.toMatchObject({
      kind: 'accepted',
      rejected: [{ index: 1, code: 'unknown_type', message: expect.stringContaining('record.vanished') }],
    });
    expect(harness.stored()).toHaveLength(2);
  });

  it('answers unavailable while it is away, and stores after that', async () => {
    harness.away(true);
    const batch = [outgoing(1)];
    await expect(harness.sink.send(batch, signal)).resolves.toMatchObject({ kind: 'unavailable' });
    expect(harness.stored()).toEqual([]);
    harness.away(false);
    await expect(harness.sink.send(batch, signal)).resolves.toMatchObject({ kind: 'accepted' });
    expect(harness.stored()).toHaveLength(1);
  });
});

describe('HttpSink', () => {
  let app: CommandApp;
  let sink: HttpSink;
  beforeEach(async () => {
    app = await CommandApp.start();
    sink = new HttpSink({
      endpoint: new URL(`${app.endpoint}/`),
      token: 'secret',
      requestTimeoutMs: 200,
      service: 'späc',
    });
  });
  afterEach(async () => {
    sink.close();
    await app.stop();
  });

  it('sends NDJSON, compressed, with the token', async () => {
    await sink.send([outgoing(1), outgoing(2)], signal);
    expect(app.requests).toEqual([
      {
        lines: 2,
        headers: expect.objectContaining({
          'content-type': 'application/x-ndjson',
          'content-encoding': 'gzip',
          authorization: 'Bearer secret',
        }),
      },
    ]);
  });

  it.each([
    ['cut', {}],
    ['hang', { timedOut: true }],
    ['not json', {}],
    ['other json', {}],
    ['wrong count', {}],
    [{ status: 401 }, { reason: 'answered 401' }],
    [{ status: 404 }, { reason: 'answered 404' }],
    [{ status: 503 }, { reason: 'answered 503' }],
    [{ status: 503, headers: { 'retry-after': '7' } }, { retryAfterMs: 7000 }],
    [{ status: 503, headers: { 'retry-after': '999999999999' } }, { retryAfterMs: 300_000 }],
    [{ status: 302, headers: { location: '/elsewhere' } }, { reason: 'answered 302' }],
  ] as const)('takes %j for unavailable', async (behaviour, expected) => {
    app.always = behaviour;
    await expect(sink.send([outgoing(1)], signal)).resolves.toMatchObject({
      kind: 'unavailable',
      ...expected,
    });
  });

  it('understands a date in Retry-After, and leaves alone what is none', async () => {
    const later = new Date(Date.now() + 60_000).toUTCString();
    app.next.push({ status: 503, headers: { 'retry-after': later } });
    app.next.push({ status: 503, headers: { 'retry-after': 'soon' } });
    const withDate = await sink.send([outgoing(1)], signal);
    expect(withDate.kind === 'unavailable' && withDate.retryAfterMs).toBeGreaterThan(0);
    await expect(sink.send([outgoing(1)], signal)).resolves.toEqual({
      kind: 'unavailable',
      reason: 'answered 503',
    });
  });

  it.each([400, 413, 422])('takes %d for a refusal', async (status) => {
    app.always = { status };
    await expect(sink.send([outgoing(1)], signal)).resolves.toEqual({
      kind: 'refused',
      reason: `answered ${status}`,
    });
  });

  it('answers unavailable when nobody listens, when the token cannot be sent, and when it is told to give up', async () => {
    app.always = 'hang';
    await expect(sink.send([outgoing(1)], AbortSignal.abort())).resolves.toMatchObject({
      kind: 'unavailable',
    });
    const options = { requestTimeoutMs: 200, service: 'spec' };
    const nobody = new HttpSink({ ...options, endpoint: new URL('http://127.0.0.1:1') });
    const broken = new HttpSink({ ...options, endpoint: new URL(app.endpoint), token: 'a\nb' });
    for (const other of [nobody, broken]) {
      await expect(other.send([outgoing(1)], signal)).resolves.toMatchObject({ kind: 'unavailable' });
      other.close();
    }
  });

  it('never shows credentials of the address', () => {
    const options = { requestTimeoutMs: 200, service: 'spec' };
    const other = new HttpSink({ ...options, endpoint: new URL('http://user:pass@127.0.0.1:9/base/') });
    expect(other.target).toBe('http://127.0.0.1:9/base');
    other.close();
  });
});
