import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { canEnter, isRoot, serverAccount, type Account } from './account';
import { shellWord } from './command';

/** Where things are in a data directory. All paths are absolute and free of symbolic links. */
export interface Layout {
  /** The data directory itself; ours, while the cluster in it belongs to the server's account. */
  readonly folder: string;
  /** What PostgreSQL calls its data directory. */
  readonly cluster: string;
  /** The superuser's password, readable by the account that started the server first. */
  readonly passwordFile: string;
  /** What the server has to say since its last start; that of the start before is beside it, with `.1`. */
  readonly logFile: string;
}

const SYSTEM_ROOT = '/var/lib/factflow';
// PostgreSQL keeps paths in 1,024 bytes, those of files within the cluster included.
const LONGEST_CLUSTER_PATH = 900;

/**
 * The data directory of one clone of the repository, a different one for every clone: `.factflow/postgres` in
 * the clone, or, when root runs this in a clone the server's account cannot reach (below a 0700 folder such as
 * /root), `/var/lib/factflow/<hash of the clone's path>`.
 */
export function defaultDataDir(cloneFolder: string): string {
  const clone = realpathSync(cloneFolder);
  if (!isRoot() || canEnter(serverAccount(), clone)) return join(clone, '.factflow', 'postgres');
  return join(SYSTEM_ROOT, createHash('sha256').update(clone).digest('hex').slice(0, 16));
}

/** Makes a new data directory for a server to throw away, where the server's account can reach it. */
export function temporaryDataDir(): string {
  const reachable = !isRoot() || canEnter(serverAccount(), tmpdir());
  const parent = reachable ? tmpdir() : SYSTEM_ROOT;
  if (!reachable) makePassable(parent);
  return mkdtempSync(join(parent, 'factflow-postgres-'));
}

/** Makes the data directory where it is missing, and checks that PostgreSQL can live in it. */
export function prepareLayout(dataDir: string): Layout {
  makePassable(resolve(dataDir));
  const folder = realpathSync(dataDir);
  const cluster = join(folder, 'cluster');
  const account = serverAccount(cluster);
  checkOurs(folder);
  if (!canEnter(account, folder)) throw new Error(unreachable(account, folder));
  if (Buffer.byteLength(cluster) > LONGEST_CLUSTER_PATH) {
    throw new Error(
      `The path of the data directory is too long for PostgreSQL (more than ${LONGEST_CLUSTER_PATH} bytes): ${folder}`,
    );
  }
  return {
    folder,
    cluster,
    passwordFile: join(folder, 'password'),
    logFile: join(folder, 'server.log'),
  };
}

function checkOurs(folder: string): void {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(
      `The data directory ${folder} belongs to another account, so only that one (or root) can start its database. ` +
        `To put it aside and start with an empty one, type: sudo mv ${shellWord(folder)} ${shellWord(`${folder}-old`)}`,
      { cause: error },
    );
  }
}

function unreachable(account: Account, folder: string): string {
  return (
    `PostgreSQL does not run as root but as "${account.name}", and that account cannot reach ${folder}: ` +
    'a folder on the way is closed to others. Choose a data directory below /var/lib/factflow, or start this as an ordinary user.'
  );
}

// Whatever the umask, folders made by root must let the server's account through.
function makePassable(folder: string): void {
  const missing: string[] = [];
  for (let path = folder; !existsSync(path); path = dirname(path)) missing.push(path);
  mkdirSync(folder, { recursive: true });
  if (!isRoot()) return;
  for (const path of [...missing, folder]) chmodSync(path, 0o755);
}
