import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { EXECUTION, idOf, json, runCli } from '../testing';

const keyOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const answering =
  (bytes: Buffer, type = 'application/octet-stream', size = bytes.length) =>
  (): Response =>
    new Response(new Uint8Array(bytes), {
      headers: { 'content-type': type, 'content-length': String(size) },
    });
/** An answer whose connection is lost. */
const breaking = (bytes: Buffer) => (): Response => {
  const pieces = [bytes];
  return new Response(
    new ReadableStream({
      pull: (controller) => {
        const piece = pieces.pop();
        if (piece) controller.enqueue(piece);
        else controller.error(new TypeError('terminated'));
      },
    }),
    { headers: { 'content-type': 'text/plain', 'content-length': '100' } },
  );
};

describe('storage get', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'factflow-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gives the bytes as they are, and nothing else', async () => {
    const bytes = randomBytes(200_000);
    const { code, stdout, stderr, requests } = await runCli(`storage get ${keyOf(bytes)} --token t`, {
      answer: answering(bytes),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(Buffer.from(stdout, 'latin1').equals(bytes)).toBe(true);
    expect(new URL(requests[0]?.url ?? '').pathname).toBe(`/api/v1/storage/${keyOf(bytes)}`);
    expect(requests[0]?.headers.get('authorization')).toBe('Bearer t');
  });

  it('shows text on a terminal, and sends it nothing that it would obey', async () => {
    const bytes = Buffer.from('one\u001b[2J\ntwo \u202e three\n');
    const { code, stdout } = await runCli(`storage get ${keyOf(bytes)}`, {
      answer: answering(bytes, 'text/plain'),
      columns: 80,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\\x1b[2J\ntwo \\u202e three\n' });
  });

  it.each([
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x1b])],
    ['text with NUL', Buffer.from('a\0b')],
    ['a lot', Buffer.alloc(300_000, 'a')],
  ])('refuses %s on a terminal, and says how to have it', async (_what, bytes) => {
    const key = keyOf(bytes);
    const { code, stdout, stderr } = await runCli(`storage get ${key}`, {
      answer: answering(bytes),
      columns: 200,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`factflow storage get ${key} --file PATH`);
  });

  it('saves a file whole, in place of one that is there', async () => {
    const bytes = randomBytes(3_000_000);
    const file = join(folder, 'saved');
    writeFileSync(file, 'before');
    const { code, stdout } = await runCli(`storage get ${keyOf(bytes)} --file ${file} -o json`, {
      answer: answering(bytes, 'image/png'),
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      key: keyOf(bytes),
      bytes: bytes.length,
      content_type: 'image/png',
      file,
    });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(['saved']);
  });

  it.each([
    ['is other bytes', answering(Buffer.from('other bytes')), 'its digest is another one'],
    ['breaks off', breaking(Buffer.from('some')), 'broke off after 4 of 100 bytes'],
  ])('leaves the file as it was when what comes %s', async (_what, answer, message) => {
    const key = keyOf(Buffer.from('the right bytes'));
    const file = join(folder, 'saved');
    writeFileSync(file, 'before');
    const { code, stderr } = await runCli(`storage get ${key} --file ${file}`, { answer });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(readFileSync(file, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['saved']);
    const piped = await runCli(`storage get ${key}`, { answer });
    expect({ code: piped.code, stdout: piped.stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('gives the bytes to stdout for --file -, and makes no file of that name', async () => {
    const bytes = randomBytes(1000);
    const { code, stdout } = await runCli(`storage get ${keyOf(bytes)} --file -`, {
      answer: answering(bytes),
    });
    expect(code).toBe(0);
    expect(Buffer.from(stdout, 'latin1').equals(bytes)).toBe(true);
    expect(existsSync('-')).toBe(false);
  });

  it('refuses a file without a name before it asks for anything', async () => {
    const line = ['storage', 'get', keyOf(Buffer.from('x')), '--file', ''];
    const { code, stderr, requests } = await runCli(line);
    expect({ code, requests }).toEqual({ code: 2, requests: [] });
    expect(stderr).toContain('It must name a file; - is stdout.');
  });

  it('says that a file cannot be written', async () => {
    const bytes = Buffer.from('x');
    const { code, stderr } = await runCli(`storage get ${keyOf(bytes)} --file ${folder}/none/file`, {
      answer: answering(bytes),
    });
    expect(code).toBe(1);
    expect(stderr).toContain('cannot be written');
  });

  it('says what is not there, damaged, or no key', async () => {
    const key = keyOf(Buffer.from('x'));
    const problem = (status: number, code: string, detail: string) => () =>
      json({ type: `urn:factflow:problem:${code}`, title: 'Problem', status, code, detail }, status);
    const missing = await runCli(`storage get ${key}`, {
      answer: problem(404, 'payload_not_found', 'no bytes'),
    });
    expect(missing).toMatchObject({ code: 3, stderr: expect.stringContaining('no bytes') as string });
    const damaged = await runCli(`storage get ${key}`, {
      answer: problem(500, 'payload_corrupt', 'damaged'),
    });
    expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining('damaged') as string });
    const away = await runCli(`storage get ${key}`);
    expect(away.code).toBe(4);
    for (const none of ['x', key.toUpperCase(), '../../etc/passwd']) {
      const { code, stderr, requests } = await runCli(['storage', 'get', none]);
      expect({ code, requests }).toEqual({ code: 2, requests: [] });
      expect(stderr).toContain('64 hexadecimal digits');
    }
  });
});

describe('storage list', () => {
  const item = (record: number, fields: object = {}) => ({
    record_id: idOf(record),
    execution_id: EXECUTION,
    route_id: 'documents',
    adapter_name: 'chunker\u001b',
    side: 'input',
    key: keyOf(Buffer.from(String(record))),
    redacted: false,
    content_type: 'application/json',
    bytes: 1536,
    stored: true,
    ...fields,
  });
  const answer = () =>
    json({ items: [item(1), item(2, { stored: false, bytes: null, redacted: true })], next_cursor: null });

  it('is a table on a terminal and JSON elsewhere', async () => {
    const shown = await runCli(`storage list --execution ${EXECUTION}`, { answer, columns: 200 });
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('1.5 KiB');
    expect(shown.stdout).toContain('not stored');
    expect(shown.stdout).toContain('(redacted)');
    expect(shown.stdout).toContain('documents/chunker\\x1b');
    const { stdout, requests } = await runCli(`storage list --execution ${EXECUTION} --limit 7`, { answer });
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ record_id: idOf(1) }, { record_id: idOf(2) }] });
    expect(Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)).toEqual({
      execution_id: EXECUTION,
      limit: '7',
    });
  });

  it.each([80, 100])('keeps ids and keys whole on a terminal of %i columns', async (columns) => {
    const { stdout } = await runCli(`storage list --execution ${EXECUTION}`, { answer, columns });
    const [title, ...lines] = stripVTControlCharacters(stdout).trimEnd().split('\n');
    expect(title).toMatch(/^RECORD +SIDE +BYTES/);
    expect(lines).toEqual(
      [1, 2].flatMap((n) => [
        expect.stringMatching(new RegExp(`^${idOf(n)} +input`)) as string,
        `  ${item(n).key}`,
      ]),
    );
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
  });

  it('needs an execution', async () => {
    const { code, stderr } = await runCli('storage list');
    expect(code).toBe(2);
    expect(stderr).toContain('--execution');
  });
});
