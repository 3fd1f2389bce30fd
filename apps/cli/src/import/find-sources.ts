import {
  hasPayloads,
  listSegments,
  ownerStateOf,
  readFolderName,
  segmentPath,
  type OwnerState,
} from '@factflow/journal';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { CliError, EXIT } from '../cli-error';
import type { Session } from '../session';

/** Something to read lines from. */
export interface Source {
  /** as it was named */
  readonly name: string;
  /** undefined where nobody knows before it has ended */
  readonly size: number | undefined;
  /** the spool it is a segment of */
  readonly spool?: Spool;
  open(): AsyncIterable<Uint8Array>;
}

/** A spool folder under the name its recorder gave it. */
export interface Spool {
  readonly path: string;
  readonly recorderId: string;
  readonly owner: OwnerState;
}

/** What there is to import. */
export interface Found {
  readonly sources: readonly Source[];
  /** the spools among what was named, with or without anything left in them */
  readonly spools: readonly Spool[];
  /** folders of recorders that have payloads in them */
  readonly payloads: readonly string[];
}

/** Read at once. */
const CHUNK_BYTES = 256 * 1024;
/** Files that are taken where only their folder was named. */
const LOG_NAME = /\.(ndjson|jsonl|log)(\.rejected)?$/;

/**
 * What the named files and folders hold, in their order: a file, `-` for stdin, a spool, or a folder with any of them in
 * it, however deep. A spool that its process is shipping is an error where it was named, and left out with a remark where it was found.
 * @throws CliError 3 for what is not there, 1 for what cannot be read or is being shipped
 */
export async function findSources(session: Session, names: readonly string[]): Promise<Found> {
  const found: Finding = { sources: [], spools: [], payloads: [] };
  for (const name of names) {
    const before = found.sources.length + found.payloads.length + found.spools.length;
    if (name === '-')
      found.sources.push({ name: 'stdin', size: undefined, open: () => session.context.stdin });
    else
      await addNamed(session, name, found).catch((error: unknown) => {
        throw unreadable(name, error);
      });
    if (found.sources.length + found.payloads.length + found.spools.length === before)
      session.printer.remark(`There is nothing to import in ${name}.`);
  }
  return found;
}

/** What the system says of a file that cannot be read, as a {@link CliError}. */
export function unreadable(name: string, error: unknown): CliError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof CliError) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new CliError(EXIT.notFound, `There is no ${name}.`);
  return new CliError(EXIT.failed, `${name} cannot be read (${code ?? message}).`);
}

interface Finding extends Found {
  readonly sources: Source[];
  readonly spools: Spool[];
  readonly payloads: string[];
}

async function addNamed(session: Session, name: string, found: Finding): Promise<void> {
  const about = await stat(name);
  if (!about.isDirectory())
    return void found.sources.push(fileSource(name, about.isFile() ? about.size : undefined));
  const spool = spoolOf(name);
  if (spool && isShipped(spool) && !session.options.force) throw shipped(spool);
  await addFolder(session, name, found);
}

async function addFolder(session: Session, folder: string, found: Finding): Promise<void> {
  const spool = spoolOf(folder);
  const segments = listSegments(folder);
  if (spool && isShipped(spool) && !session.options.force)
    return session.printer.remark(`${folder} is left out: ${REASONS[spool.owner]}.`);
  if (spool) found.spools.push(spool);
  if (hasPayloads(folder)) found.payloads.push(folder);
  for (const segment of segments) {
    const path = segmentPath(folder, segment);
    const about = await stat(path);
    // Opening a pipe would wait for somebody to write to it.
    if (!about.isFile()) session.printer.remark(`${path} is left out: it is no file.`);
    else found.sources.push({ ...fileSource(path, about.size), ...(spool && { spool }) });
  }
  if (spool || segments.length > 0) return;
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await addFolder(session, path, found);
    else if (entry.isFile() && LOG_NAME.test(entry.name))
      found.sources.push(fileSource(path, (await stat(path)).size));
  }
}

const fileSource = (name: string, size: number | undefined): Source => ({
  name,
  size,
  open: () => chunksOf(name),
});

/** The chunks of a file, all in one piece of memory: each holds until the next is asked for. */
async function* chunksOf(name: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(name);
  try {
    const memory = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(memory, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function spoolOf(path: string): Spool | undefined {
  const named = readFolderName(basename(resolve(path)));
  return named && { path, recorderId: named.recorderId, owner: ownerStateOf(path, named.owner) };
}

const isShipped = ({ owner }: Spool): boolean => owner === 'runs' || owner === 'touched';

const REASONS: Readonly<Record<OwnerState, string>> = {
  runs: 'its process runs, and ships it',
  touched: 'it was in use within the last minute, by a process of another machine or container',
  ended: '',
  untouched: '',
};

const shipped = ({ path, owner }: Spool): CliError =>
  new CliError(EXIT.failed, `${path} is not imported: ${REASONS[owner]}.`, {
    meaning: ['Nothing was sent. --force sends it all the same: what arrives twice is stored once.'],
  });
