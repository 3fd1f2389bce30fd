import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MIT_TEXT = 'Permission is hereby granted, free of charge …\n';

/** A folder with installed packages, made for one spec. */
export class FixtureTree {
  readonly root = mkdtempSync(join(tmpdir(), 'licence-audit-'));

  file(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** @param path such as `a`, `@scope/b` or `a/node_modules/c` */
  package(path: string, manifest: object | string, files: Readonly<Record<string, string>> = {}): void {
    const folder = `node_modules/${path}`;
    const text =
      typeof manifest === 'string' ? manifest : JSON.stringify({ name: path, version: '1.0.0', ...manifest });
    this.file(`${folder}/package.json`, text);
    for (const [name, content] of Object.entries(files)) this.file(`${folder}/${name}`, content);
  }

  /** A package nothing is wrong with. */
  fine(path: string): void {
    this.package(path, { license: 'MIT' }, { LICENSE: MIT_TEXT });
  }

  /** @param target relative to where the link stands */
  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(target, join(this.root, path));
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

/** Every failure and every form of licence once. */
export function oneOfEach(): FixtureTree {
  const tree = new FixtureTree();
  tree.fine('fine');
  tree.fine('@scope/scoped');
  tree.fine('fine/node_modules/nested');
  tree.fine('fine/node_modules/@scope/deep');
  tree.package('old-object', { license: { type: 'ISC', url: 'x' } }, { 'LICENCE.md': MIT_TEXT });
  tree.package(
    'old-list',
    { licenses: [{ type: 'MIT' }, { type: 'Apache-2.0' }] },
    { 'MIT-LICENSE.txt': 'x' },
  );
  tree.package('dual', { license: '(MIT OR GPL-3.0-only WITH Classpath-exception-2.0)' }, { COPYING: 'x' });
  tree.package('own-file', { license: 'SEE LICENSE IN legal/terms.txt' }, { 'legal/terms.txt': 'x' });
  tree.package('reuse', { license: 'MIT' }, { 'LICENSES/MIT.txt': 'x' });
  tree.package('no-licence', {});
  tree.package('invalid-licence', { license: 'The best one' }, { LICENSE: 'x' });
  tree.package('refused', { license: 'UNLICENSED' }, { LICENSE: 'x' });
  tree.package('no-text', { license: 'MIT' }, { 'license.js': 'module.exports = 1', LICENSE: '' });
  tree.package('file-outside', { license: 'SEE LICENSE IN ../fine/LICENSE' });
  tree.package('broken', '{ "name": "broken",');
  tree.package('nameless', '[]');
  tree.file('node_modules/unreadable/package.json/what', 'package.json is a folder here');
  tree.file('node_modules/.bin/tool', 'no package');
  tree.file('node_modules/.cache/thing/package.json', '{}');
  tree.file('node_modules/no-package/readme.md', 'no package');
  tree.link('node_modules/loop', 'loop');
  tree.link('node_modules/fine/node_modules/up', '../../..');
  tree.link('node_modules/again', 'fine');
  tree.link('node_modules/outside', tmpdir());
  return tree;
}

/** The packages of that tree, in the order in which they are found. */
export const PACKAGES_OF_EACH = [
  '@scope/scoped',
  'fine',
  'fine/node_modules/@scope/deep',
  'fine/node_modules/nested',
  'broken',
  'dual',
  'file-outside',
  'invalid-licence',
  'nameless',
  'no-licence',
  'no-text',
  'old-list',
  'old-object',
  'own-file',
  'refused',
  'reuse',
  'unreadable',
];

/** The findings in it, by reason. */
export const FINDINGS_OF_EACH = {
  LicenceInvalid: 1,
  LicenceMissing: 1,
  LicenceRefused: 1,
  LicenceTextMissing: 2,
  ManifestBroken: 2,
  ManifestUnreadable: 1,
};
