import { Injectable } from '@nestjs/common';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';

const NODE_MODULES = 'node_modules';
/** Where pnpm keeps the packages that `node_modules` links to. */
const PNPM_STORE = '.pnpm';

/** Finds the folders of installed packages. */
@Injectable()
export class Discover {
  /**
   * The folder of every package in any `node_modules` below a directory (or in the directory itself, if it is one):
   * scoped and nested packages included, in a fixed order, each once even when links lead there too. Links are
   * followed within the directory only. What is not there or leads nowhere is no package.
   * @throws Error when the directory itself cannot be read
   */
  async *packages(directory: string): AsyncGenerator<string> {
    const root = await realpath(directory);
    await readdir(root);
    const walk = new Walk(root);
    yield* basename(root) === NODE_MODULES ? walk.nodeModules(root) : walk.folder(root);
  }
}

class Walk {
  readonly #seen = new Set<string>();

  constructor(private readonly root: string) {}

  /** Looks for `node_modules` in a folder that is no package's, and below it. */
  async *folder(path: string): AsyncGenerator<string> {
    for (const name of await folderNames(path)) {
      if (name === NODE_MODULES) yield* this.nodeModules(join(path, name));
      else if (!name.startsWith('.')) yield* this.folder(join(path, name));
    }
  }

  async *nodeModules(path: string): AsyncGenerator<string> {
    for (const name of await folderNames(path, true)) {
      const entry = join(path, name);
      if (name === PNPM_STORE) yield* this.folder(entry);
      else if (name.startsWith('@')) yield* this.scope(entry);
      else if (!name.startsWith('.')) yield* this.package(entry);
    }
  }

  async *scope(path: string): AsyncGenerator<string> {
    for (const name of await folderNames(path, true)) yield* this.package(join(path, name));
  }

  async *package(path: string): AsyncGenerator<string> {
    const folder = await this.#follow(path);
    if (folder === undefined || this.#seen.has(folder)) return;
    this.#seen.add(folder);
    if (await exists(join(folder, 'package.json'))) yield folder;
    yield* this.nodeModules(join(folder, NODE_MODULES));
  }

  /** Where a folder or link leads, if that is within the root. */
  async #follow(path: string): Promise<string | undefined> {
    try {
      const folder = await realpath(path);
      return folder.startsWith(this.root + sep) && (await stat(folder)).isDirectory() ? folder : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Names of folders, and of links if wanted, in order; none where there is nothing to read. */
async function folderNames(path: string, withLinks = false): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() || (withLinks && entry.isSymbolicLink()))
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

/** Whether something stands there, readable or not. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
