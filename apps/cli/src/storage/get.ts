import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError, EXIT, type ExitCode } from '../cli-error';
import { safeLines, safeText } from '../safe-text';
import type { Action, Session } from '../session';
import { bytesText } from './bytes-text';
import { readPayload, type IncomingPayload } from './read-payload';

/** What `--file` says for the bytes to go where they go without it. */
const STDOUT = '-';
/** The most that is shown on a terminal. */
const SHOWN_BYTES = 256 * 1024;

/** `storage get`: the bytes of a payload, verified, to stdout or into a file. */
export const getPayload: Action = async (session, key) => {
  const { options, context, printer } = session;
  if (options.file !== undefined && options.file !== STDOUT) return saveAs(session, key, options.file);
  const payload = await readPayload(session, key);
  if (context.stdout.isTTY) return show(session, key, payload);
  for await (const bytes of payload.bytes) await printer.bytes(bytes);
  return EXIT.fine;
};

/** On a terminal text is shown, with what the terminal would obey escaped; anything else it must not be sent. */
async function show({ printer }: Session, key: string, payload: IncomingPayload): Promise<ExitCode> {
  const next = [`factflow storage get ${key} --file PATH`, `factflow storage get ${key} | less`];
  const what = `${bytesText(payload.size)} of ${safeText(payload.contentType)}`;
  if (payload.size > SHOWN_BYTES)
    throw new CliError(EXIT.usage, `${what} are too much for a terminal.`, { next });
  const chunks: Uint8Array[] = [];
  for await (const bytes of payload.bytes) chunks.push(bytes);
  const text = textOf(Buffer.concat(chunks));
  if (text === undefined)
    throw new CliError(EXIT.usage, `${what} are no text, and this is a terminal.`, { next });
  for (const line of safeLines(text.replace(/\r?\n$/, ''))) await printer.line(line);
  return EXIT.fine;
}

/** Bytes as text; undefined when they are none. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

async function saveAs(session: Session, key: string, path: string): Promise<ExitCode> {
  const { context, printer, settings } = session;
  const payload = await readPayload(session, key, context.interruption());
  const bytes = await replaceFile(path, payload.bytes);
  const saved = { key, bytes, content_type: payload.contentType, file: path };
  if (settings.output === 'json') await printer.json(saved);
  else if (settings.output === 'jsonl') await printer.jsonLine(saved);
  else printer.remark(`${bytesText(bytes)} of ${safeText(payload.contentType)} in ${safeText(path)}`);
  return EXIT.fine;
}

/** Writes a file that is there whole or not at all: what was there before stays until then. @returns its bytes */
async function replaceFile(path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  let written = 0;
  try {
    const file = await onDisk(path, () => open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600));
    try {
      for await (const bytes of content) written += await onDisk(path, () => writeAll(file, bytes));
      await onDisk(path, () => file.sync());
    } finally {
      await file.close();
    }
    await onDisk(path, () => rename(temporary, path));
    return written;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<number> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
  return bytes.length;
}

/** What goes wrong with the file, told as that. */
async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new CliError(EXIT.failed, `${safeText(path)} cannot be written (${(error as Error).message}).`, {
      meaning: ['Nothing was saved.'],
    });
  }
}
