import { checkLock, type Lock } from './lock-check.mjs';

const root = { engines: { node: '^20.19.0 || >=24.0.0' } };
const lock = (packages: Lock['packages']): Lock => ({ packages: { '': root, ...packages } });

describe('checkLock', () => {
  it('accepts a complete lock without addresses', () => {
    const sound = lock({
      'node_modules/tool': {
        version: '1.0.0',
        optionalDependencies: { 'tool-linux': '1.0.0', nested: '1.0.0' },
      },
      'node_modules/tool-linux': { version: '1.0.0', engines: { node: '>=18' } },
      'node_modules/tool/node_modules/nested': { version: '1.0.0', engines: ['node'] },
    });
    expect(checkLock(sound)).toEqual([]);
  });

  it('finds an optional dependency where Node would: in the folders above', () => {
    const sound = lock({
      'node_modules/a/node_modules/b': { version: '1.0.0', optionalDependencies: { 'b-linux': '1.0.0' } },
      'node_modules/a/node_modules/b-linux': { version: '1.0.0' },
    });
    expect(checkLock(sound)).toEqual([]);
  });

  it('names a platform binary that the lock misses', () => {
    const broken = lock({
      'node_modules/tool': { version: '1.0.0', optionalDependencies: { 'tool-darwin': '1.0.0' } },
      'node_modules/other/node_modules/tool-darwin': { version: '1.0.0' },
    });
    expect(checkLock(broken)).toEqual([
      'node_modules/tool: its optional dependency tool-darwin is not in the lock',
    ]);
  });

  it('names an optional dependency of the workspace itself', () => {
    const broken: Lock = { packages: { '': { ...root, optionalDependencies: { binary: '1.0.0' } } } };
    expect(checkLock(broken)).toEqual(['package.json: its optional dependency binary is not in the lock']);
  });

  it('names a package with an address', () => {
    const broken = lock({ 'node_modules/a': { version: '1.0.0', resolved: 'https://example.org/a.tgz' } });
    expect(checkLock(broken)).toEqual([expect.stringMatching(/^node_modules\/a: has a "resolved" address/)]);
  });

  it('names a package that the oldest supported Node cannot run', () => {
    const broken = lock({ 'node_modules/a': { version: '2.0.0', engines: { node: '>=22.12' } } });
    expect(checkLock(broken)).toEqual([
      'node_modules/a@2.0.0: needs Node >=22.12, the oldest supported one is 20.19.0',
    ]);
  });

  it('asks for the range of Node versions it checks against', () => {
    expect(checkLock({ packages: { '': {} } })).toEqual(['package.json: no engines.node']);
  });
});
