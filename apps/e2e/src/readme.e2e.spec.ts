import { startProcess } from '@factflow/testing';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOf, startSystem, type System } from './testing/system';

const README = join(__dirname, '../../../README.md');
const CHAIN = /(<!-- chain[^\n]*-->\n```console\n)([\s\S]*?)(```\n<!-- \/chain -->)/;

let system: System;
let tree: string;

beforeAll(async () => {
  system = await startSystem();
  tree = await mkdtemp(join(tmpdir(), 'factflow-readme-'));
  await addPackage('.', { name: 'shop', license: 'MIT' }, 'MIT License');
  await addPackage('node_modules/left-pad', { name: 'left-pad', license: 'WTFPL' }, 'Do what you want.');
  await addPackage('node_modules/no-text', { name: 'no-text', license: 'Apache-2.0' });
});
afterAll(async () => {
  await system.stop();
  await rm(tree, { recursive: true, force: true });
});

async function addPackage(folder: string, manifest: object, text?: string): Promise<void> {
  const path = join(tree, folder);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'package.json'), JSON.stringify({ version: '1.0.0', ...manifest }));
  if (text !== undefined) await writeFile(join(path, 'LICENSE'), text);
}

/** What a program prints, run to its end. */
async function outputOf(app: string, args: string[]): Promise<string> {
  const env = { FACTFLOW_ENDPOINT: system.command.url, FACTFLOW_URL: system.query.url, NO_COLOR: '1' };
  const child = startProcess(process.execPath, [programOf(app), ...args], { env });
  await child.exit;
  return child.stdout;
}

/** Output without what differs from run to run: ids and durations. */
const comparable = (output: string): string =>
  output.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>').replaceAll(/\d+(\.\d+)? m?s$/gm, '<time>');

it('the README shows a chain as the CLI draws it (after a change: UPDATE_README=1 npm test -- readme)', async () => {
  const audit = await outputOf('example', [tree, '--report', join(tree, 'report.md')]);
  const execution = /^execution (\S+)$/m.exec(audit)?.[1] as string;
  const failures = JSON.parse(
    await outputOf('cli', ['lineage', 'failures', '--execution', execution, '-o', 'json']),
  ) as {
    items: [{ id: string }];
  };
  const { id } = failures.items[0];
  const chain = await outputOf('cli', ['lineage', 'chain', id, '-o', 'table']);
  const shown = `$ npx factflow lineage chain ${id}\n${chain}`;
  if (process.env['UPDATE_README']) {
    const readme = await readFile(README, 'utf8');
    await writeFile(
      README,
      readme.replace(CHAIN, (_, start: string, __, end: string) => `${start}${shown}${end}`),
    );
  }
  const documented = CHAIN.exec(await readFile(README, 'utf8'))?.[2] ?? '';
  expect(comparable(documented)).toBe(comparable(shown));
});
