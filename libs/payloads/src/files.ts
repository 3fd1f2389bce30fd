import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, rename, rmdir, type FileHandle } from 'node:fs/promises';

// Files of one user: nobody else reads them, and no link is followed.

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = constants;
/** Not there on Windows. */
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;

/** How folders are made. */
export const FOLDER = { recursive: true, mode: 0o700 } as const;

/** What the system calls a failure. */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

/** Opens a file to read it; what is no file does not hold it up. */
export const openFile = (path: string): Promise<FileHandle> => open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

/** For what need not be there. */
export function ifAbsent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}

/** Whether it is a folder, and no link to one. */
export async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(ifAbsent))?.isDirectory() ?? false;
}

async function giveWay(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    // ENOTDIR: another upload has just put its file there.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return;
    await rename(folder, `${folder}.${randomUUID()}`);
  }
}

/** Moves a file to its place, whatever is there. A folder is removed if it is empty, else left beside it. */
export async function replace(file: string, place: string): Promise<void> {
  if (await isFolder(place)) await giveWay(place);
  await rename(file, place);
}

/** Makes a file that must not be there yet. */
export const createFile = (path: string): Promise<FileHandle> =>
  open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);

/** Writes all of the bytes, in as many steps as it takes. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}

/** Has the disk know of a rename. Where folders cannot be opened, nothing more can be done. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, O_RDONLY).catch(() => undefined);
  if (!handle) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}
