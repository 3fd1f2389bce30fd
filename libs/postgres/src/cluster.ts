import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { giveTo, type Account } from './account';
import type { Binaries } from './binaries';
import { runCommand, shellWord } from './command';
import type { Layout } from './layout';

/** The superuser of every cluster made here. */
export const SUPERUSER = 'factflow';

const DRAFT = '.initdb-';

/**
 * Makes the cluster unless there is one; only the owner of the data directory may. Whoever is killed on the way
 * leaves a draft, never half a cluster.
 */
export async function ensureCluster(
  layout: Layout,
  binaries: Binaries,
  account: Account,
  { durable, timeoutMs }: { durable: boolean; timeoutMs: number },
): Promise<void> {
  await removeDrafts(layout.folder);
  if (existsSync(layout.cluster)) return checkCluster(layout, binaries);

  const draft = await mkdtemp(join(layout.folder, DRAFT));
  try {
    const password = randomBytes(24).toString('base64url');
    const passwordFile = join(draft, 'password');
    await mkdir(join(draft, 'cluster'));
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await giveTo(account, join(draft, 'cluster'), 0o700);
    await giveTo(account, passwordFile, 0o600);
    await giveTo(account, draft, 0o700);
    const args = [
      ...initdbArguments(join(draft, 'cluster'), passwordFile),
      ...(durable ? [] : ['--no-sync']),
    ];
    const { code, output } = await runCommand(binaries.initdb, args, account, timeoutMs);
    if (code !== 0) throw new Error(`initdb could not make ${layout.cluster} (exit ${code}):\n${output}`);
    // Before the cluster: one without a password could not be used.
    await writeFile(layout.passwordFile, `${password}\n`, { mode: 0o600 });
    await rename(join(draft, 'cluster'), layout.cluster);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

// The initdb of a process that was killed may still write into its draft: then a later start removes it.
async function removeDrafts(folder: string): Promise<void> {
  const drafts = readdirSync(folder).filter((name) => name.startsWith(DRAFT));
  for (const name of drafts) {
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

const initdbArguments = (cluster: string, passwordFile: string): string[] => [
  ...[
    '-D',
    cluster,
    '-U',
    SUPERUSER,
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--no-instructions',
  ],
  // Sorting and upper case are PostgreSQL's own: the same on every machine, whatever its locales.
  ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
];

/** The superuser's password. */
export async function readPassword(layout: Layout): Promise<string> {
  try {
    return (await readFile(layout.passwordFile, 'utf8')).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The password of the database in ${layout.folder} cannot be read (${reason}). ` +
        `To put that database aside and start with an empty one, type: ${putAside(layout.folder, 'old')}`,
      { cause: error },
    );
  }
}

function checkCluster(layout: Layout, binaries: Binaries): void {
  const versionFile = join(layout.cluster, 'PG_VERSION');
  const found = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : undefined;
  if (found === binaries.major) return;
  const what =
    found === undefined
      ? `${layout.cluster} is no PostgreSQL data directory (it has no PG_VERSION).`
      : `The database in ${layout.folder} was made by PostgreSQL ${found}; this is PostgreSQL ${binaries.major}, which cannot read it.`;
  throw new Error(
    `${what}\nTo put it aside and start with an empty database, type:\n\n  ${putAside(layout.folder, found ?? 'old')}\n\n` +
      'To keep using it, set DATABASE_URL to a server of that version.',
  );
}

function putAside(folder: string, suffix: string): string {
  const aside = `${folder}-${suffix}`;
  // An earlier one of that name would swallow this one as a sub-folder.
  const free = existsSync(aside) ? `${aside}-${Date.now()}` : aside;
  return `mv ${shellWord(folder)} ${shellWord(join(folder, '..', basename(free)))}`;
}
