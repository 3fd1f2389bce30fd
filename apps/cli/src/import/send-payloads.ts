import { counted } from '@factflow/domain';
import { listPayloads, payloadFolder, type PayloadFile } from '@factflow/journal';
import { readFile } from 'node:fs/promises';
import { refusalOf } from '../command-api';
import { showProgress } from '../progress';
import type { Session } from '../session';
import { askPatiently } from './ask-patiently';
import { unreadable } from './find-sources';
import type { Tally } from './tally';

/** Answers that say the payload itself is at fault. */
const REFUSED = new Set([400, 413, 415, 422]);

/**
 * Stores the payloads of spools, one after the other: what is in memory is one of them. The files stay.
 * @throws CliError for a file that cannot be read, and when the command app takes none
 */
export async function sendPayloads(session: Session, folders: Iterable<string>, tally: Tally): Promise<void> {
  for (const folder of folders)
    for (const file of listPayloads(payloadFolder(folder))) {
      const bytes = await read(file);
      if (bytes) await send(session, file, bytes, tally);
      const { stored, present, refused } = tally.payloads;
      showProgress(
        session,
        `${counted(stored, 'payload')} stored, ${present} there already, ${refused} refused`,
      );
    }
}

/** @returns undefined for one that is gone: another process has taken the spool over, and stores it */
async function read({ path }: PayloadFile): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

async function send(
  session: Session,
  { path, key, contentType }: PayloadFile,
  bytes: Uint8Array<ArrayBuffer>,
  tally: Tally,
): Promise<void> {
  const content = { type: contentType, bytes };
  const response = await askPatiently(session, { method: 'PUT', path: `payloads/${key}`, content });
  if (response.ok) return tally.stored(response.status === 201);
  const reason = await refusalOf(session, response);
  if (!REFUSED.has(response.status)) throw reason;
  tally.refused({ file: path, reason: reason.message });
}
