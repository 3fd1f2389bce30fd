import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Discover } from './discover';
import { FixtureTree, oneOfEach, PACKAGES_OF_EACH } from './testing/fixture-tree';

describe('Discover', () => {
  let tree: FixtureTree;
  afterEach(() => tree.remove());
  const found = async (directory = tree.root): Promise<string[]> => {
    const packages: string[] = [];
    for await (const folder of new Discover().packages(directory)) packages.push(relative(tree.root, folder));
    return packages;
  };

  it('finds scoped and nested packages once each, whatever links lead to them, in a fixed order', async () => {
    tree = oneOfEach();
    const expected = PACKAGES_OF_EACH.map((path) => `node_modules/${path}`);
    expect((await found()).sort()).toEqual([...expected].sort());
    expect(await found()).toEqual(await found());
    expect((await found(join(tree.root, 'node_modules'))).sort()).toEqual([...expected].sort());
  });

  it('looks into workspaces, and into the store of pnpm', async () => {
    tree = new FixtureTree();
    tree.fine('@me');
    tree.file('packages/app/node_modules/used/package.json', '{}');
    tree.file('node_modules/.pnpm/a@1/node_modules/a/package.json', '{}');
    tree.file('node_modules/.pnpm/a@1/node_modules/b/package.json', '{}');
    tree.link('node_modules/a', '.pnpm/a@1/node_modules/a');
    expect((await found()).sort()).toEqual([
      'node_modules/.pnpm/a@1/node_modules/a',
      'node_modules/.pnpm/a@1/node_modules/b',
      'packages/app/node_modules/used',
    ]);
  });

  it('finds nothing where nothing is installed, and fails where there is no folder', async () => {
    tree = new FixtureTree();
    mkdirSync(join(tree.root, 'empty'));
    expect(await found()).toEqual([]);
    await expect(found(join(tree.root, 'nowhere'))).rejects.toThrow('ENOENT');
  });
});
