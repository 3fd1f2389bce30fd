import { hashOf } from '@factflow/domain';
import {
  createMemoryMark,
  folderNameOf,
  makePayloadFolder,
  payloadFolder,
  payloadPath,
  writePayloadFile,
  JournalWriter,
  MemoryMark,
  NOBODY,
  segmentPath,
  thisProcess,
  writeCheckpoint,
  type Owner,
} from '@factflow/journal';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { idOf, json, piped, runCli, type Ran, type RunOptions } from '../testing';

const RECORDER = idOf(900);
const eventOf = (n: number, more: object = {}): object => ({
  event_id: idOf(n),
  type: 'record.started',
  source: { recorder_id: RECORDER, sequence: n },
  data: { text: 'ä☃' },
  ...more,
});
const events = (from: number, to: number): object[] =>
  Array.from({ length: to - from + 1 }, (_, n) => eventOf(from + n));
const ndjson = (...lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** A command app: knows what it has stored, and rejects events of type `bad`. */
class CommandApp {
  readonly stored = new Map<string, object>();
  readonly batches: { event_id: string }[][] = [];
  readonly heartbeats: { url: string; body: object }[] = [];
  /** Answers given before it does its work. */
  readonly before: Response[] = [];

  readonly answer: RunOptions['answer'] = async (url, request) => {
    const early = this.before.shift();
    if (early) return early;
    if (url.pathname.startsWith('/api/v1/payloads/'))
      return this.storePayload(url.pathname.slice(17), request);
    if (request.method === 'PUT') {
      this.heartbeats.push({ url: url.pathname, body: (await request.json()) as object });
      return new Response(null, { status: 204 });
    }
    expect(Object.fromEntries(request.headers)).toMatchObject({
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
    });
    const text = gunzipSync(new Uint8Array(await request.arrayBuffer())).toString();
    const batch = text.split('\n').map((line) => JSON.parse(line) as { event_id: string; type: string });
    this.batches.push(batch);
    const rejected = batch.flatMap(({ type, event_id }, index) =>
      type === 'bad' ? [{ index, event_id, code: 'unknown_type', message: 'type: "bad"' }] : [],
    );
    const good = batch.filter(({ type }) => type !== 'bad');
    const known = this.stored.size;
    for (const event of good) this.stored.set(event.event_id, event);
    const accepted = this.stored.size - known;
    return json({ accepted, duplicates: good.length - accepted, rejected });
  };

  /** Payloads, by their key. */
  readonly payloads = new Map<string, { type: string | null; text: string }>();

  private async storePayload(key: string, request: Request): Promise<Response> {
    const text = Buffer.from(await request.arrayBuffer()).toString();
    if (hashOf(Buffer.from(text)) !== key)
      return json({ title: 'No', status: 422, detail: 'The bytes are not those of the key.' }, 422);
    const isNew = !this.payloads.has(key);
    this.payloads.set(key, { type: request.headers.get('content-type'), text });
    return json({ key, bytes: text.length }, isNew ? 201 : 200);
  }
}

let folder: string;
let app: CommandApp;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-'));
  app = new CommandApp();
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (files: string | readonly string[], options: RunOptions = {}): Promise<Ran> =>
  runCli(['lineage', 'import', ...[files].flat()], { answer: app.answer, ...options });
const countsOf = ({ stdout }: Ran): object => {
  const { read, inserted, duplicates, rejected, skipped } = JSON.parse(stdout) as Record<string, number>;
  return { read, inserted, duplicates, rejected, skipped };
};
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** The folder of a recorder, as one leaves it. */
function spool(owner: Owner, texts: readonly object[], segmentBytes = 500): string {
  const path = join(folder, folderNameOf(RECORDER, owner));
  mkdirSync(path);
  let segment = 0;
  const writer = new JournalWriter({ folder: path, nextSegment: () => (segment += 1), segmentBytes });
  for (const text of texts) writer.append(JSON.stringify(text));
  writer.close();
  const info = {
    recorderId: RECORDER,
    service: 'documents',
    host: 'a',
    pid: 7,
    startedAt: '2026-11-22T20:34:00Z',
  };
  writeFileSync(join(path, 'recorder.json'), JSON.stringify(info));
  return path;
}
const ELSEWHERE: Owner = { pid: 7, start: 1, machine: 'abcdefabcdef' };

describe('factflow lineage import', () => {
  it('sends what a structured log holds, in its order, and the second time finds it all there', async () => {
    const log = file('log', ndjson(...events(1, 20)));
    const first = await run([log, '--command-url', 'http://command:1', '--token', 't']);
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toEqual({
      read: 20,
      inserted: 20,
      duplicates: 0,
      rejected: 0,
      skipped: 0,
      rejections: [],
      skips: [],
      payloads: { stored: 0, present: 0, refused: 0, refusals: [] },
    });
    const [request] = first.requests as [Request];
    expect([request.method, request.url, request.headers.get('authorization')]).toEqual([
      'POST',
      'http://command:1/api/v1/events',
      'Bearer t',
    ]);
    expect(app.batches).toEqual([events(1, 20)]);
    const second = await run(log);
    expect({ code: second.code, ...countsOf(second) }).toMatchObject({
      code: 0,
      inserted: 0,
      duplicates: 20,
    });
    expect(readFileSync(log, 'utf8')).toBe(ndjson(...events(1, 20)));
  });

  it('takes from stdin what stands between other things, and says what it skipped and where', async () => {
    const stdin = piped(
      `starting\n\n${ndjson(eventOf(1), { level: 30, msg: 'up' })}\r\n[1]\n${ndjson(eventOf(2))}{"event_id":"0`,
      3,
    );
    const ran = await run(['-', '-o', 'table'], { stdin });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toBe(
      [
        'read        2 events',
        'inserted    2',
        'duplicates  0',
        'rejected    0',
        'skipped     4 lines',
        '            stdin:1  it is not JSON',
        '            stdin:4  it is not an event',
        '            stdin:6  it is not JSON',
        '            stdin:8  it is not JSON, or torn',
        '',
      ].join('\n'),
    );
    expect(app.batches).toEqual([events(1, 2)]);
  });

  it('tells of rejected events, keeps them in a new file, and takes them from there when they are mended', async () => {
    const bad = [3, 4].map((n) => eventOf(n, { type: 'bad' }));
    const log = file('log', ndjson(eventOf(1), ...bad));
    const kept = join(folder, 'kept.rejected');
    const ran = await run([log, '--rejected', kept]);
    expect({ code: ran.code, ...countsOf(ran) }).toMatchObject({
      code: 1,
      read: 3,
      inserted: 1,
      rejected: 2,
    });
    const { rejections } = JSON.parse(ran.stdout) as { rejections: object[] };
    expect(rejections[0]).toEqual({
      file: log,
      line: 2,
      event_id: idOf(3),
      code: 'unknown_type',
      message: 'type: "bad"',
    });
    expect(readFileSync(kept, 'utf8')).toBe(
      ndjson(...bad.map((event) => ({ code: 'unknown_type', message: 'type: "bad"', event }))),
    );
    const refused = await run([log, '--rejected', kept]);
    expect({ code: refused.code, requests: refused.requests.length }).toEqual({ code: 2, requests: 0 });
    const mended = file(
      'mended',
      readFileSync(kept, 'utf8').replaceAll('"type":"bad"', '"type":"record.started"'),
    );
    expect(await run(mended)).toMatchObject({ code: 0 });
    expect([...app.stored.values()]).toEqual([eventOf(1), eventOf(3), eventOf(4)]);
  });

  it('tells the first of many, and how many more there are', async () => {
    const log = file('log', ndjson(...Array.from({ length: 25 }, (_, n) => eventOf(n, { type: 'bad' }))));
    const { stdout } = await run([log, '-o', 'table']);
    expect(stdout.match(/unknown_type/g)).toHaveLength(10);
    expect(stdout).toContain('and 15 more');
  });

  it('sends 5,000 events or 4 MiB at once, and reads no further than that ahead', async () => {
    const many = await run('-', { stdin: piped(ndjson(...events(1, 12_000)), 100_000) });
    expect(countsOf(many)).toMatchObject({ inserted: 12_000 });
    expect(app.batches.map(({ length }) => length)).toEqual([5000, 5000, 2000]);
    let [pulled, sent] = [0, 0];
    const large = async function* (): AsyncGenerator<Uint8Array> {
      for (let n = 1; n <= 200; n += 1) {
        const chunk = Buffer.from(ndjson(eventOf(20_000 + n, { data: { text: 'x'.repeat(250_000) } })));
        pulled += chunk.length;
        expect(pulled - sent).toBeLessThan(5 * 1024 * 1024);
        yield chunk;
      }
    };
    const answer: RunOptions['answer'] = async (url, request) => {
      const response = await app.answer?.(url, request);
      sent += Buffer.byteLength(JSON.stringify(app.batches.at(-1)));
      return response as Response;
    };
    expect(countsOf(await run('-', { stdin: large(), answer }))).toMatchObject({ inserted: 200 });
  });

  it('skips a line that no event is as long as', async () => {
    const long = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${ndjson(eventOf(1))}{"event_id":"`);
      for (let n = 0; n < 5; n += 1) yield Buffer.alloc(1024 * 1024, 'x');
      yield Buffer.from(`"}\n${ndjson(eventOf(2))}`);
    };
    const ran = await run('-', { stdin: long() });
    expect({ code: ran.code, ...countsOf(ran) }).toMatchObject({ code: 1, inserted: 2, skipped: 1 });
    expect(ran.stdout).toContain('it has over 4194304 bytes');
  });
});

describe('a spool', () => {
  it('is sent whole, whatever its checkpoint says, is left as it is, and it is told how far its recorder came', async () => {
    const path = spool(NOBODY, events(1, 20));
    writeCheckpoint(path, { segment: 3, offset: 0 });
    const names = readdirSync(path);
    expect(names.length).toBeGreaterThan(5);
    const ran = await run(path);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
    expect(countsOf(ran)).toMatchObject({ inserted: 20 });
    expect(app.batches.flat()).toEqual(events(1, 20));
    expect(readdirSync(path)).toEqual(names);
    expect(app.heartbeats).toEqual([
      {
        url: `/api/v1/recorders/${RECORDER}`,
        body: expect.objectContaining({
          service: 'documents',
          host: 'a',
          pid: 0,
          highest_sequence: 20,
          closed: false,
        }) as object,
      },
    ]);
  });

  it('gives what can be read of it where it is torn and damaged, by whatever name a segment goes', async () => {
    const path = spool(NOBODY, events(1, 6), 10_000);
    const segment = readFileSync(segmentPath(path, 1));
    const lineBytes = segment.length / 6;
    // The second line loses its end, the fourth a byte in the middle, the sixth its last bytes.
    segment[2 * lineBytes - 1] = 0x20;
    segment[3.5 * lineBytes] = 0x21;
    const moved = file('saved-from-a-disk', segment.subarray(0, segment.length - 5));
    const ran = await run(moved);
    expect({ code: ran.code, ...countsOf(ran) }).toMatchObject({ code: 1, inserted: 4, skipped: 2 });
    expect(app.batches.flat()).toEqual([1, 2, 3, 5].map((n) => eventOf(n)));
    expect(JSON.parse(ran.stdout)).toMatchObject({
      skips: [
        { file: moved, line: 3, reason: 'it is torn or damaged' },
        { file: moved, line: 5, reason: 'it is torn or damaged' },
      ],
    });
    expect(app.heartbeats).toEqual([]);
  });

  it('of which everything was answered, or nothing can be read, is told to be over all the same', async () => {
    const path = spool(NOBODY, []);
    writeCheckpoint(path, { segment: 3, offset: 0 }, 7);
    execFileSync('mkfifo', [segmentPath(path, 4)]);
    const ran = await run(path);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({
      code: 0,
      stderr: `${segmentPath(path, 4)} is left out: it is no file.\n`,
    });
    expect(app.heartbeats).toMatchObject([{ body: { pid: 0, highest_sequence: 7, lost: [], queued: 0 } }]);
  });

  it.each([
    ['damaged at its end', [[7, 7]], 7],
    ['torn at its end', [], 6],
    ['damaged before its end', [], 7],
    ['of a process with events in memory only', [[7, 9]], 9],
  ])('%s is told to lack what cannot be known', async (how, lost, highest) => {
    const path = spool(NOBODY, events(1, 7), 10_000);
    const segment = readFileSync(segmentPath(path, 1));
    const lineBytes = segment.length / 7;
    if (how === 'damaged at its end') segment[segment.length - 20] = 0x21;
    if (how === 'damaged before its end') segment[segment.length - lineBytes - 20] = 0x21;
    const isCut = how === 'torn at its end' || how.startsWith('of');
    writeFileSync(segmentPath(path, 1), isCut ? segment.subarray(0, segment.length - 20) : segment);
    if (how.startsWith('of')) {
      createMemoryMark(path);
      const memory = new MemoryMark(path);
      memory.mark(1);
      memory.note({ noted: 1, made: 8, answered: 2 });
      memory.mark(2);
      memory.close();
    }
    await run(path);
    expect(app.heartbeats).toMatchObject([{ body: { pid: 0, highest_sequence: highest, lost } }]);
  });

  it('is refused while its process runs, and sent with --force, which tells nothing of its recorder', async () => {
    const path = spool(thisProcess(), events(1, 3));
    const refused = await run(path);
    expect({ code: refused.code, requests: refused.requests.length }).toEqual({ code: 1, requests: 0 });
    expect(refused.stderr).toMatch(/its process runs, and ships it[^]*--force/);
    expect(await run([path, '--force', '--gone'])).toMatchObject({ code: 0 });
    expect(app.batches.flat()).toEqual(events(1, 3));
    expect(app.heartbeats).toEqual([]);
  });

  it('is found in a folder, with the logs there, and left out while its process runs', async () => {
    spool(NOBODY, events(1, 3));
    const live = spool(thisProcess(), events(4, 6));
    file('a.ndjson', ndjson(eventOf(7)));
    file('a.ndjson.rejected', ndjson({ code: 'x', message: 'y', event: eventOf(8) }));
    file('notes.txt', 'nothing');
    const ran = await run(folder);
    expect({ code: ran.code, ...countsOf(ran) }).toMatchObject({ code: 0, inserted: 5, skipped: 0 });
    expect(ran.stderr).toBe(`${live} is left out: its process runs, and ships it.\n`);
    expect(app.batches.flat().map((event) => event.event_id)).toEqual([1, 2, 3, 7, 8].map(idOf));
  });

  it('of another machine is told to be all there is on the operator’s word alone', async () => {
    const path = spool(ELSEWHERE, events(1, 3));
    expect(await run(path)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another machine or container') as string,
    });
    const ran = await run([path, '--force']);
    expect({ code: ran.code, heartbeats: app.heartbeats }).toEqual({ code: 0, heartbeats: [] });
    expect(ran.stderr).toContain('--gone');
    expect(await run([path, '--force', '--gone'])).toMatchObject({ code: 0, stderr: '' });
    expect(app.heartbeats).toHaveLength(1);
  });

  it('that somebody takes over meanwhile is theirs', async () => {
    const path = spool(NOBODY, events(1, 2), 1);
    const stdin = async function* (): AsyncGenerator<Uint8Array> {
      rmSync(path, { recursive: true });
      yield Buffer.from(ndjson(eventOf(9)));
    };
    const taken = await run(['-', path], { stdin: stdin() });
    expect({ code: taken.code, ...countsOf(taken) }).toMatchObject({ code: 0, inserted: 1 });
    expect(taken.stderr).toContain('another process has taken it over');
    expect(app.heartbeats).toEqual([]);
  });
});

describe('payloads of a spool', () => {
  it('are stored after its events, and stay where they are; what is refused is told', async () => {
    const path = spool(NOBODY, events(1, 2));
    makePayloadFolder(path);
    const payloads = payloadFolder(path);
    const [good, there, damaged] = ['{"n":1}', '{"n":2}', '{"n":3}'].map((text) => Buffer.from(text));
    for (const bytes of [good, there])
      writePayloadFile(payloadPath(payloads, hashOf(bytes), 'json'), bytes as Buffer);
    const broken = payloadPath(payloads, hashOf(damaged), 'txt');
    writePayloadFile(broken, Buffer.from('torn'));
    app.payloads.set(hashOf(there), { type: null, text: '' });
    const names = readdirSync(payloads);
    const ran = await run([path, '-o', 'json']);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      inserted: 2,
      payloads: { stored: 1, present: 1, refused: 1, refusals: [{ file: broken }] },
    });
    expect(app.payloads.get(hashOf(good))).toEqual({ type: 'application/json', text: '{"n":1}' });
    expect(readdirSync(payloads)).toEqual(names);
    const again = await run([path, '-o', 'table']);
    expect(again.stdout).toMatch(/payloads +0 stored, 2 there already, 1 refused/);
  });

  it('are left alone while its process runs', async () => {
    const path = spool(thisProcess(), []);
    makePayloadFolder(path);
    const bytes = Buffer.from('x');
    writePayloadFile(payloadPath(payloadFolder(path), hashOf(bytes), 'bin'), bytes);
    await run(folder);
    expect(app.payloads.size).toBe(0);
    await run([path, '--force']);
    expect([...app.payloads.keys()]).toEqual([hashOf(bytes)]);
  });
});

describe('a command app', () => {
  const busy = (): Response =>
    new Response(JSON.stringify({ title: 'Busy', status: 503, code: 'overloaded', detail: 'Too much.' }), {
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '2' },
    });

  it('that is busy is asked again, and that stays so is given up on with 4', async () => {
    app.before.push(busy(), busy());
    const ran = await run('-', { stdin: piped(ndjson(eventOf(1))) });
    expect({ code: ran.code, ...countsOf(ran) }).toMatchObject({ code: 0, inserted: 1 });
    expect(ran.stderr.match(/trying again in 2 s/g)).toHaveLength(2);
    app.before.push(...Array.from({ length: 1000 }, busy));
    const never = await run('-', { stdin: piped(ndjson(eventOf(2))) });
    expect({ code: never.code, stdout: never.stdout }).toEqual({ code: 4, stdout: '' });
    expect(never.requests).toHaveLength(61);
    expect(never.stderr).toMatch(/too busy for 120 s\.\nToo much\./);
  });

  it('that goes away ends it with 4, which tells how far it got', async () => {
    let asked = 0;
    const answer: RunOptions['answer'] = (url, request) => {
      if (++asked > 1) throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
      return app.answer?.(url, request) as Promise<Response>;
    };
    const ran = await run('-', { stdin: piped(ndjson(...events(1, 6000)), 100_000), answer });
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 4, stdout: '' });
    expect(ran.stderr).toContain(
      'Until then 5000 events: 5000 inserted, 0 duplicates, 0 rejected. Importing again is safe',
    );
  });

  it('behind something that takes no large requests gets small ones', async () => {
    app.before.push(new Response('', { status: 413 }), new Response('', { status: 413 }));
    const ran = await run('-', { stdin: piped(ndjson(...events(1, 8))) });
    expect(countsOf(ran)).toMatchObject({ inserted: 8 });
    expect(app.batches.map(({ length }) => length)).toEqual([2, 2, 4]);
    const all = { answer: () => new Response('', { status: 413 }), stdin: piped(ndjson(...events(1, 3))) };
    expect(countsOf(await run('-', all))).toMatchObject({ rejected: 3 });
  });

  it.each<[string, RunOptions, number, RegExp]>([
    [
      'nobody there',
      { answer: undefined },
      4,
      /cannot be reached at http:\/\/127\.0\.0\.1:4001.*[^]*Nothing was ack/,
    ],
    ['somebody else', { answer: () => new Response('<html>') }, 1, /not the command app/],
    [
      'a part of the events',
      { answer: () => json({ accepted: 1, duplicates: 0, rejected: [] }) },
      1,
      /not the command app/,
    ],
    [
      'a token wanted',
      { answer: () => json({ title: 'Who are you?', status: 401 }, 401) },
      1,
      /FACTFLOW_TOKEN/,
    ],
  ])('ends it with its exit code: %s', async (_name, options, expected, message) => {
    const ran = await run('-', { stdin: piped(ndjson(...events(1, 2))), ...options });
    expect(ran.stderr).toMatch(message);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: expected, stdout: '' });
  });
});

it('a file that is not there ends it with 3 before anything is sent, and no file with 2', async () => {
  const missing = await run([file('log', ndjson(eventOf(1))), join(folder, 'nothing')]);
  expect({ code: missing.code, requests: missing.requests.length }).toEqual({ code: 3, requests: 0 });
  expect(missing.stderr).toContain(`There is no ${join(folder, 'nothing')}.`);
  expect((await run([])).code).toBe(2);
});

it('on a terminal a bar shows how far it is', async () => {
  const ran = await run([file('log', ndjson(...events(1, 6000))), '--no-color'], { columns: 120 });
  expect(ran.stderr).toMatch(/█+░* +\d+ % {2}5000 inserted, 0 duplicates, 0 rejected, 0 skipped/);
  expect(ran.stderr).toContain(`${'█'.repeat(24)} 100 %  6000 inserted`);
  expect(ran.stdout).toMatch(/^read +6000 events\ninserted +6000\n/);
});
