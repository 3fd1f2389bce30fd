import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The script runs in a workspace of its own, with a program called npm that leaves a line and ends as told. */
describe('install', () => {
  let workspace: string;
  const write = (file: string, content: unknown) =>
    writeFileSync(join(workspace, file), typeof content === 'string' ? content : JSON.stringify(content));
  const lock = { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };
  const present = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };

  const install = ({ npmStatus = 0 } = {}) => {
    write('bin/npm', `#!/bin/sh\necho "npm $*"\nexit ${npmStatus}\n`);
    chmodSync(join(workspace, 'bin/npm'), 0o755);
    const env: NodeJS.ProcessEnv = { ...process.env };
    delete env['npm_execpath'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(workspace, 'tools/start/install.mjs')],
      {
        env: { ...env, PATH: [join(workspace, 'bin'), env['PATH']].join(delimiter) },
        encoding: 'utf8',
      },
    );
    return { status, stdout, stderr };
  };

  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), 'factflow-install-'));
    for (const folder of ['bin', 'node_modules', 'tools/start']) {
      mkdirSync(join(workspace, folder), { recursive: true });
    }
    copyFileSync(join(__dirname, 'install.mjs'), join(workspace, 'tools/start/install.mjs'));
    write('package.json', { engines: { node: '>=20.19.0' } });
    write('package-lock.json', { packages: lock });
    write('node_modules/.package-lock.json', { packages: present });
  });
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));

  it('is quiet when what is installed is what the lock file says', () => {
    expect(install()).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('does not miss the binaries of other platforms', () => {
    write('package-lock.json', {
      packages: { ...lock, 'node_modules/b': { version: '1.0.0', optional: true } },
    });
    expect(install()).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('installs, saying so, when nothing is installed', () => {
    rmSync(join(workspace, 'node_modules'), { recursive: true });
    const { status, stdout } = install();
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^node_modules is missing or incomplete: running npm ci .*\nnpm ci --include=dev --include=optional\nInstalled in [\d.]+ s\.\n$/,
    );
  });

  it.each([
    ['a package is missing', { '': {}, ...present, 'node_modules/b': { version: '1.0.0' } }],
    [
      'a package has another version',
      { '': {}, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-b' } },
    ],
    ['a package is no longer wanted', { '': {} }],
  ])('installs when %s', (_, packages) => {
    write('package-lock.json', { packages });
    expect(install().stdout).toMatch(/^node_modules does not match package-lock\.json: running npm ci/);
  });

  it('takes over the lock of an installation that was killed', () => {
    rmSync(join(workspace, 'node_modules'), { recursive: true });
    mkdirSync(join(workspace, '.factflow'));
    writeFileSync(join(workspace, '.factflow/install.lock'), '999999999');
    expect(install().status).toBe(0);
    expect(existsSync(join(workspace, '.factflow/install.lock'))).toBe(false);
  });

  it('ends with the line to type when npm fails', () => {
    rmSync(join(workspace, 'node_modules'), { recursive: true });
    const { status, stderr } = install({ npmStatus: 7 });
    expect(status).toBe(1);
    expect(stderr).toMatch(/npm ci failed after [\d.]+ s \(exit code 7\); .*\n\n {2}npm ci\n/);
  });

  it.each([
    ['^18.0.0', 1],
    ['>=99.0.0', 1],
    [`^${process.versions.node}`, 0],
    ['^18.0.0 || >=20.0.0', 0],
  ])('judges the Node that runs it by the range %s', (node, status) => {
    write('package.json', { engines: { node } });
    const result = install();
    expect(result.status).toBe(status);
    expect(result.stderr).toBe(
      status === 0 ? '' : `This needs Node ${node}, and ${process.execPath} is ${process.versions.node}.\n`,
    );
  });
});
