import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';

// What is recorded belongs to the user who runs the service: nobody else reads it, and nobody else can lay a link or a
// file of their own where a service is about to write.

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
/** Not there on Windows, which has no such links to plant either. */
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;
/** Opening a pipe that nobody writes to must not wait. */
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;
const OTHERS = 0o077;
/** The code of the error for a file that is none of this user. */
export const NOT_OWN = 'ENOTOWN';

/**
 * Makes a folder that only this user can use, and the folders above it.
 * @throws Error when it is a link or no folder, belongs to another user, or cannot be made
 */
export function makePrivateFolder(path: string): void {
  makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(path);
  if (!found.isDirectory()) throw new Error(`${path} is not a folder`);
  if (!isOwn(found)) throw new Error(`${path} belongs to another user`);
  if ((found.mode & OTHERS) !== 0) chmodSync(path, 0o700);
}

/**
 * Makes a folder and those above it that are missing, for this user. Node's own way to do so never returns where the system
 * refuses one with "no such file", as it does under /proc.
 * @throws Error when one cannot be made
 */
export function makeFolders(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
    return;
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    makeFolders(above);
  }
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Makes a file that must not be there yet, readable by this user only, to append to. @returns its descriptor */
export const createPrivateFile = (path: string): number =>
  openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, 0o600);

/** Writes a small file: the old one or the new one is there at any moment. @throws Error */
export function replacePrivateFile(path: string, text: string): void {
  rmSync(`${path}.new`, { force: true });
  const fd = createPrivateFile(`${path}.new`);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}

/**
 * Opens a file to read it. @returns its descriptor
 * @throws Error when it is a link or no file, or belongs to another user
 */
export function openPrivateFile(path: string): number {
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const found = fstatSync(fd);
  if (found.isFile() && isOwn(found)) return fd;
  closeSync(fd);
  throw Object.assign(new Error(`${path} is not a file of this user`), { code: NOT_OWN });
}

const isOwn = ({ uid }: Stats): boolean => process.getuid === undefined || uid === process.getuid();
