import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { eventually, freePort } from '@factflow/testing';
import { run } from './run';
import type { Settings } from './settings';

/** An app as far as npm start knows one; it leaves a line in `events` when it starts and when it stops. */
const APP = (name: string, port: string) => `
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
const note = (line) => appendFileSync('events', '${name} ' + line + '\\n');
const server = createServer(({ url }, response) => {
  if (url.startsWith('/health/ready')) return response.end('{}');
  if (url === '/api/v1/executions?limit=1') return response.end('{"items":[{"id":"e1"}]}');
  if (url === '/api/v1/lineage/failures?limit=1&execution_id=e1') return response.end('{"items":[{"id":"r1"}]}');
  if (url === '/api/v1/lineage/failures?limit=1&execution_id=e1&adapter_name=check-licence')
    return response.end('{"items":[{"id":"r2","input_payload":{"key":"sha256:ff"}}]}');
  if (url === '/die') process.exit(3);
  response.writeHead(404).end();
});
server.listen(Number(process.env.${port}), process.env.FACTFLOW_HOST, () => note('up ' + process.env.DATABASE_URL));
process.on('SIGTERM', () => { note('down'); process.exit(0); });
`;
const EXAMPLE = `
import { appendFileSync } from 'node:fs';
appendFileSync('events', 'example ' + process.env.FACTFLOW_ENDPOINT + ' ' + process.argv.slice(2) + '\\n');
if (process.argv.includes('--serve')) {
  setInterval(() => undefined, 1000);
  process.on('SIGTERM', () => { appendFileSync('events', 'example down\\n'); process.exit(0); });
}
`;

describe('npm start', () => {
  let root: string;
  let settings: Settings;
  let output: string;
  let interruption: AbortController;
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      output += String(chunk);
      done();
    },
  });

  const build = (name: string, code: string) => {
    mkdirSync(join(root, 'dist/apps', name), { recursive: true });
    writeFileSync(join(root, 'dist/apps', name, 'main.mjs'), code);
  };
  const start = (changes: Partial<Settings> = {}) =>
    run({ ...settings, ...changes }, { root, out, signal: interruption.signal });
  const events = () => readFileSync(join(root, 'events'), 'utf8').trim().split('\n');
  const untilItSays = (text: string) => eventually(() => output.includes(text), `the output "${text}"`);

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'factflow-start-'));
    output = '';
    interruption = new AbortController();
    settings = {
      exit: true,
      broken: false,
      databaseUrl: 'postgres://example.invalid/facts',
      host: '127.0.0.1',
      commandPort: await freePort(),
      queryPort: await freePort(),
      directory: undefined,
    };
    build('command', APP('command', 'FACTFLOW_COMMAND_PORT'));
    build('query', APP('query', 'FACTFLOW_QUERY_PORT'));
    build('example', EXAMPLE);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('keeps the address of its own server for as long as that runs, for its owner only', async () => {
    // Where only its owner can enter, the data would be elsewhere.
    chmodSync(root, 0o755);
    build(
      'example',
      "import { copyFileSync } from 'node:fs'; copyFileSync('.factflow/database-url', 'kept');",
    );
    expect(await start({ databaseUrl: undefined })).toBe(0);
    const url = readFileSync(join(root, 'kept'), 'utf8').trim();
    expect(url).toMatch(/^postgres:\/\/.*127\.0\.0\.1/);
    expect(events()).toContain(`command up ${url}`);
    expect(statSync(join(root, 'kept')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(root, '.factflow/database-url'))).toBe(false);
  });

  it('starts the apps, runs the example, says what to try and stops in reverse order', async () => {
    expect(await start({ directory: root })).toBe(0);
    expect(events()).toEqual([
      'command up postgres://example.invalid/facts',
      'query up postgres://example.invalid/facts',
      `example http://127.0.0.1:${settings.commandPort} ${root}`,
      'query down',
      'command down',
    ]);
    const url = `http://127.0.0.1:${settings.queryPort}`;
    expect(output).toMatch(`npx factflow lineage chain r1 --execution e1 --url ${url}\n`);
    expect(output).toMatch(/^ *\[\d+\.\d s\] Using the PostgreSQL that DATABASE_URL names\.\n/);
    expect(output).toMatch(/\] Stopped\.\n$/);
  });

  it('keeps everything running until it is interrupted', async () => {
    const code = start({ exit: false });
    await untilItSays('Everything runs until Ctrl-C.');
    await eventually(() => events().some((line) => line.endsWith(' --serve')), 'the example to stay');
    expect(events()).not.toContain('query down');
    interruption.abort();
    expect(await code).toBe(0);
    expect(events().slice(-2)).toEqual(['query down', 'command down']);
    expect(output).toMatch('The example stays to take replays.');
    expect(output).toMatch('Stopping the example ...');
  });

  it('breaks the example when it is told to, and says how to get through that', async () => {
    expect(await start({ broken: true, directory: root })).toBe(0);
    expect(events()).toContain(`example http://127.0.0.1:${settings.commandPort} ${root},--break`);
    const url = `http://127.0.0.1:${settings.queryPort}`;
    expect(output).toMatch(`npx factflow lineage chain r2 --execution e1 --url ${url}\n`);
    expect(output).toMatch(`npx factflow storage get sha256:ff --url ${url}\n`);
    expect(output).toMatch(`npm start -- ${root}\n`);
    expect(output).toMatch(
      `npx factflow execution replay e1 --from-stage check-licence --only-failed --wait --url ${url} ` +
        `--command-url http://127.0.0.1:${settings.commandPort}\n`,
    );
  });

  it('stops what it has started when it is interrupted halfway', async () => {
    build('query', 'setInterval(() => undefined, 1000);');
    const code = start();
    await untilItSays('Starting the query app');
    interruption.abort();
    expect(await code).toBe(130);
    expect(events()).toEqual(['command up postgres://example.invalid/facts', 'command down']);
  });

  it('does what is built and says what is not', async () => {
    rmSync(join(root, 'dist/apps/query'), { recursive: true });
    rmSync(join(root, 'dist/apps/example'), { recursive: true });
    expect(await start()).toBe(0);
    expect(output).toMatch('Not built, so left out: dist/apps/query/main.mjs\n');
    expect(output).toMatch('Not built, so left out: dist/apps/example/main.mjs\n');
    expect(events()).toEqual(['command up postgres://example.invalid/facts', 'command down']);
  });

  it('gives the last lines of an app that ends before it is ready', async () => {
    build('query', `console.log('reading'); console.error('no such table'); process.exit(4);`);
    await expect(start()).rejects.toThrow(
      /^The query app ended \(exit code 4\)\. Its last lines .*\.factflow\/query\.log\):\n {2}reading\n {2}no such table$/,
    );
    expect(events().at(-1)).toBe('command down');
  });

  it('stops everything when an app ends later', async () => {
    const code = start({ exit: false });
    const outcome = expect(code).rejects.toThrow('The command app ended (exit code 3).');
    await untilItSays('Everything runs until Ctrl-C.');
    await fetch(`http://127.0.0.1:${settings.commandPort}/die`).catch(() => undefined);
    await outcome;
    expect(events().at(-1)).toBe('query down');
  });

  it('fails when the example does, once everything is stopped', async () => {
    build('example', 'process.exit(2);');
    expect(await start()).toBe(1);
    expect(output).toMatch('The example ended badly (exit code 2).');
    expect(events().at(-1)).toBe('command down');
  });

  it('names the variable to set when a port is in use, before it starts anything', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(settings.queryPort, '127.0.0.1', resolve));
    await expect(start()).rejects.toThrow(
      new RegExp(`^Port ${settings.queryPort} is in use: .*\n\n {2}FACTFLOW_QUERY_PORT=\\d+ npm start$`),
    );
    other.close();
    expect(output).not.toMatch('Starting');
  });
});
