import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';

/** The account that runs the server: the caller's own, or when the caller is root another one. */
export interface Account {
  readonly name: string;
  /** Only set when the server runs under another account than this process; fit for `spawn`. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
}

/** Whether this process is the superuser, as whom PostgreSQL refuses to run. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account to run the server as. Root takes the one that owns the cluster already, else `postgres`,
 * else `nobody`, which exists everywhere.
 */
export function serverAccount(cluster?: string): Account {
  if (!isRoot()) return { name: 'this account', ids: undefined };
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const owner = cluster === undefined ? undefined : statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) {
    const name = rows.find((row) => row[2] === String(owner.uid))?.[0] ?? String(owner.uid);
    return { name, ids: { uid: owner.uid, gid: owner.gid } };
  }
  for (const name of ['postgres', 'nobody']) {
    const row = rows.find((candidate) => candidate[0] === name);
    if (row) return { name, ids: { uid: Number(row[2]), gid: Number(row[3]) } };
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither a "postgres" nor a "nobody" account to run it as. ' +
      'Start this as an ordinary user, or set DATABASE_URL to a server of your own.',
  );
}

/** Whether the account can pass through every folder down to this one. */
export function canEnter(account: Account, folder: string): boolean {
  if (!account.ids) return true;
  const probe = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], {
    ...account.ids,
    cwd: '/',
    stdio: 'ignore',
  });
  return probe.status === 0;
}

/** Hands a file or folder to the account, closed to everybody else. */
export async function giveTo(account: Account, path: string, mode: number): Promise<void> {
  if (account.ids) await chown(path, account.ids.uid, account.ids.gid);
  await chmod(path, mode);
}
