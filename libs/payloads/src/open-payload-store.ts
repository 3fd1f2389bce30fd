import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FilePayloadStore } from './file-store';
import type { PayloadStore } from './payload-store';
import { s3LocationOf } from './s3-location';
import { S3PayloadStore } from './s3-store';

/** What the URL of a payload store looks like. */
const EXPECTED =
  'file:/path or file:folder, or s3://bucket/prefix?region=…&endpoint=…, where a bucket has 3 to 63 small letters, digits, ' +
  'hyphens and dots, with a letter or digit first and last';

/** Reads the URL of a payload store from a setting; `expected` completes "NAME must be …". */
export const payloadStoreUrl = {
  expected: EXPECTED,
  read: (url: string): string | undefined => (isPayloadStoreUrl(url) ? url : undefined),
};

/** Whether text names a payload store. */
export const isPayloadStoreUrl = (url: string): boolean =>
  folderOf(url) !== undefined || s3LocationOf(url) !== undefined;

/** Where payloads are kept when nothing is said: beside the spools of the same user. */
export function defaultPayloadStore(env: Readonly<Record<string, string | undefined>>): string {
  const state = env['XDG_STATE_HOME']?.trim() || join(homedir(), '.local', 'state');
  return `file:${join(state, 'factflow', 'payloads')}`;
}

/**
 * Opens a payload store; nothing is read or written yet.
 * @param url `file:///path`, `file:/path`, `file:folder` below the working directory, or
 *   `s3://bucket/prefix?region=…&endpoint=…`
 * @throws Error when it is none
 */
export function openPayloadStore(url: string): PayloadStore {
  const folder = folderOf(url);
  if (folder !== undefined) return new FilePayloadStore(folder);
  const location = s3LocationOf(url);
  if (location) return new S3PayloadStore(location);
  throw new Error(`The URL of a payload store must be ${EXPECTED}.`);
}

/** The folder of a URL of files. */
function folderOf(url: string): string | undefined {
  const path = /^file:(.+)$/s.exec(url)?.[1];
  if (path === undefined || path.includes('\0')) return undefined;
  if (!path.startsWith('//')) return resolve(path);
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
