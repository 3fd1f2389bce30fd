import { closeSync, fstatSync, opendirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivateFile, makePrivateFolder, openPrivateFile } from './private-files';

// The folder of a recorder holds payloads/, where captured bytes wait for the command app: one file for a digest,
// `<64 hex>.<bin|txt|json>`, whole from the moment it has that name.

const FOLDER = 'payloads';
const CONTENT_TYPES = {
  bin: 'application/octet-stream',
  txt: 'text/plain; charset=utf-8',
  json: 'application/json',
} as const;
const NAME = /^([0-9a-f]{64})\.(bin|txt|json)$/;
const PREFIX = 'sha256:';
/** Entries of a folder read at once. */
const READ_ENTRIES = 64;

/** What captured bytes are: bytes as they came, text, or data as canonical JSON. */
export type PayloadKind = keyof typeof CONTENT_TYPES;

/** Under which content type bytes of a kind are stored. */
export const contentTypeOf = (kind: PayloadKind): string => CONTENT_TYPES[kind];

/** Where the payloads of a recorder's folder are. */
export const payloadFolder = (recorderFolder: string): string => join(recorderFolder, FOLDER);

/** Makes the folder for payloads. @throws Error when that cannot be, or would not be private */
export const makePayloadFolder = (recorderFolder: string): void =>
  makePrivateFolder(payloadFolder(recorderFolder));

/** Where a payload waits: the file is named after its digest and kind. @param folder that of payloads */
export const payloadPath = (folder: string, key: string, kind: PayloadKind): string =>
  join(folder, `${key.slice(PREFIX.length)}.${kind}`);

/** A payload that waits in a folder. */
export interface PayloadFile {
  readonly path: string;
  /** `sha256:<64 hex>` */
  readonly key: string;
  readonly contentType: string;
}

/** @returns undefined for a name that is none of ours, such as that of a file not yet whole */
function readPayloadName(folder: string, name: string): PayloadFile | undefined {
  const [, digest, kind] = NAME.exec(name) ?? [];
  if (digest === undefined) return undefined;
  const contentType = CONTENT_TYPES[kind as PayloadKind];
  return { path: join(folder, name), key: PREFIX + digest, contentType };
}

/** The payloads in a folder, however many there are, in no order; none when it cannot be read. */
export function* listPayloads(folder: string): Generator<PayloadFile, void, undefined> {
  let open;
  try {
    open = opendirSync(folder, { bufferSize: READ_ENTRIES });
  } catch {
    return;
  }
  try {
    for (let entry = open.readSync(); entry; entry = open.readSync()) {
      const found = entry.isFile() ? readPayloadName(folder, entry.name) : undefined;
      if (found) yield found;
    }
  } finally {
    open.closeSync();
  }
}

/** Whether a recorder left payloads in its folder. */
export function hasPayloads(recorderFolder: string): boolean {
  const files = listPayloads(payloadFolder(recorderFolder));
  try {
    return files.next().done !== true;
  } finally {
    // The folder stays open until the first that was found is left.
    files.return();
  }
}

/** How many payloads a recorder left in its folder. @param most that are counted */
export function countPayloads(recorderFolder: string, most: number): number {
  const files = listPayloads(payloadFolder(recorderFolder));
  let count = 0;
  while (count < most && files.next().done !== true) count += 1;
  files.return();
  return count;
}

/** Writes a payload: its file is there whole, or not at all. @throws Error: then nothing is left of it, as far as that is possible */
export function writePayloadFile(path: string, bytes: Uint8Array): void {
  const unfinished = `${path}.new`;
  try {
    const fd = createAnew(unfinished);
    try {
      for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset);
    } finally {
      closeSync(fd);
    }
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** What an earlier attempt left is in the way. */
function createAnew(path: string): number {
  try {
    return createPrivateFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    rmSync(path, { force: true });
    return createPrivateFile(path);
  }
}

/** A payload opened for reading; whoever has it closes it. */
export interface OpenPayload {
  readonly fd: number;
  readonly bytes: number;
}

/** @throws Error when it is gone, is no file of this user, or cannot be read */
export function openPayloadFile(path: string): OpenPayload {
  const fd = openPrivateFile(path);
  try {
    return { fd, bytes: fstatSync(fd).size };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
