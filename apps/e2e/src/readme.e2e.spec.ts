import { freePort, scratchDatabase, startProcess, type TestProcess } from '@factflow/testing';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOf } from './testing/system';

const ROOT = join(__dirname, '../../..');
const README = join(ROOT, 'README.md');
/** A step of the walk, as the README shows it. */
const STEP = /(<!-- step (\d) -->\n```console\n)([\s\S]*?)(```\n)/g;
/** Where the README says the clone is. */
const CLONE = '/home/you/factflow-lineage';

let database: Awaited<ReturnType<typeof scratchDatabase>>;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  database = await scratchDatabase();
  folder = await mkdtemp(join(tmpdir(), 'factflow-readme-'));
  const [commandPort, queryPort] = [await freePort(), await freePort()];
  env = {
    DATABASE_URL: database.url,
    FACTFLOW_COMMAND_PORT: String(commandPort),
    FACTFLOW_QUERY_PORT: String(queryPort),
    FACTFLOW_COMMAND_URL: `http://127.0.0.1:${commandPort}`,
    FACTFLOW_URL: `http://127.0.0.1:${queryPort}`,
    FACTFLOW_PAYLOAD_STORE: `file:${join(folder, 'payloads')}`,
    HOME: folder,
    FACTFLOW_OUTPUT: 'table',
    NO_COLOR: '1',
  };
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** `npm start` once it is built; the lines of the example alone are shown. */
class Start {
  private constructor(private readonly child: TestProcess) {}

  static async of(...args: string[]): Promise<Start> {
    const program = join(ROOT, 'dist/tools/start.mjs');
    const child = startProcess(process.execPath, [program, ...args], { env, cwd: ROOT, ownGroup: true });
    await child.waitForOutput('Everything runs until Ctrl-C.', { timeoutMs: 60_000 });
    return new Start(child);
  }

  get lines(): string {
    const lines = this.child.stdout
      .split('\n')
      .filter((line) => /^(Audited| +\d+ {2}[A-Z]|execution )/.test(line));
    return ['…', ...lines, '…', ''].join('\n');
  }

  async interrupt(): Promise<void> {
    this.child.signalGroup('SIGINT');
    expect((await this.child.exit).code).toBe(0);
  }
}

/** What a command of the README prints. */
async function factflow(...args: string[]): Promise<string> {
  const child = startProcess(process.execPath, [programOf('cli'), ...args], { env });
  const { code } = await child.exit;
  if (code !== 0)
    throw new Error(`factflow ${args.join(' ')} ended with ${code}: ${child.stdout}${child.stderr}`);
  return child.stdout;
}

const json = async <T>(command: string): Promise<T> =>
  JSON.parse(await factflow(...command.split(' '), '-o', 'json')) as T;

interface Executions {
  readonly items: readonly { readonly id: string }[];
}

interface Failures {
  readonly groups: readonly { readonly error_class: string; readonly sample_id: string }[];
}

/** A command and what it printed. */
const shown = async (command: string): Promise<string> => {
  const printed = await factflow(...command.split(' '));
  return `$ npx factflow ${command}\n${printed.replace(/\n?$/, '\n')}`;
};

/** The key of the bytes a record went in with, where it is shown: the rest, such as the traceback, is long. */
async function shownInput(id: string): Promise<{ text: string; key: string }> {
  const lines = (await factflow('lineage', 'get', id)).split('\n');
  const line = lines.find((each) => each.startsWith('input bytes')) ?? '';
  const key = /sha256:[0-9a-f]{64}/.exec(line)?.[0] ?? '';
  return { text: `$ npx factflow lineage get ${id} -o table | grep '^input bytes'\n${line}\n`, key };
}

/** The packages that fail on the bug: which of them is shown for both depends on which failed first. */
const SAMPLE = /node_modules\/(basket|prices)\b|"name":"(basket|prices)","version":"[^"]*"/g;

/** Output without what differs from run to run: ids, keys, times, the width that these take, and the sample. */
const comparable = (steps: readonly string[]): string =>
  steps
    .join('\n')
    .replaceAll(ROOT, CLONE)
    .replaceAll(/sha256:[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replaceAll(/\b\d+(\.\d+)? (ms|s|min)( ago)?\b|\bjust now\b/g, '<time>')
    .replaceAll(SAMPLE, '<package>')
    .replaceAll(/ {2,}/g, '  ')
    .replaceAll(/ +$/gm, '');

/** The seven steps, done: what the README shows of each. */
async function walk(): Promise<string[]> {
  const broken = await Start.of('--break', 'apps/example/shop');
  const execution = (await json<Executions>('execution list')).items[0]?.id ?? '';
  const within = `--execution ${execution}`;
  const { groups } = await json<Failures>(`lineage failures ${within} --group`);
  const sample = groups.find(({ error_class: name }) => name === 'LicenceInvalid')?.sample_id ?? '';
  const input = await shownInput(sample);
  const before = [
    `$ npm start -- --break apps/example/shop\n${broken.lines}`,
    await shown('execution list'),
    await shown(`lineage failures ${within} --group`),
    await shown(`lineage chain ${sample}`),
    `${input.text}${await shown(`storage get ${input.key}`)}`,
  ];
  await broken.interrupt();
  const mended = await Start.of('apps/example/shop');
  const replay = `execution replay ${execution} --from-stage check-licence --only-failed --wait`;
  const after = [
    `^C\n$ npm start -- apps/example/shop\n${mended.lines}`,
    `${await shown(replay)}$ echo $?\n0\n`,
    `${await shown(`lineage failures ${within} --group`)}${await shown('lineage verify')}`,
  ];
  await mended.interrupt();
  return [...before, ...after];
}

it('the README walks from a failure to the proof that it is fixed as it is (after a change: UPDATE_README=1 npm test -- readme)', async () => {
  const steps = await walk();
  if (process.env['UPDATE_README']) {
    const readme = await readFile(README, 'utf8');
    const fresh = readme.replace(
      STEP,
      (_, start: string, number: string, __, end: string) =>
        `${start}${steps[Number(number)]?.replaceAll(ROOT, CLONE)}${end}`,
    );
    await writeFile(README, fresh);
  }
  const documented = [...(await readFile(README, 'utf8')).matchAll(STEP)].map((match) => match[3] ?? '');
  expect(comparable(documented)).toBe(comparable(steps));
}, 180_000);
