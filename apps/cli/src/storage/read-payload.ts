import { createHash } from 'node:crypto';
import { fetchWithin } from '@factflow/client';
import { refusal, unanswered } from '../api';
import { CliError, EXIT } from '../cli-error';
import { queryApp } from '../peer';
import { clearProgress, showProgress } from '../progress';
import type { Session } from '../session';
import { bytesText } from './bytes-text';

/** Bytes on their way from the query app. */
export interface IncomingPayload {
  readonly contentType: string;
  /** how many there are to be */
  readonly size: number;
  /** the bytes; it fails before it gives the last of them when they are not those of the key */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** How often progress is shown. */
const PROGRESS_BYTES = 1024 ** 2;

/** Asks for the bytes of a key. @throws CliError when there are none, or no answer */
export async function readPayload(
  session: Session,
  key: string,
  signal?: AbortSignal,
): Promise<IncomingPayload> {
  const { context, settings } = session;
  const peer = queryApp(settings);
  const request = new Request(`${peer.url}/api/v1/storage/${key}`, {
    headers: settings.token === undefined ? {} : { authorization: `Bearer ${settings.token}` },
    ...(signal && { signal }),
  });
  const response = await fetchWithin(context.fetch, request, peer.timeoutMs).catch((cause: unknown) => {
    throw unanswered(cause, peer);
  });
  if (!response.ok)
    throw refusal(await response.json().catch(() => undefined), response.status, peer, `storage get ${key}`);
  const size = Number(response.headers.get('content-length') ?? NaN);
  return {
    contentType: response.headers.get('content-type') ?? '',
    size,
    bytes: verified(session, key, size, response.body),
  };
}

async function* verified(
  session: Session,
  key: string,
  size: number,
  body: Response['body'],
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let [received, told] = [0, 0];
  let held: Uint8Array | undefined;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      received += chunk.length;
      if (received - told >= PROGRESS_BYTES) {
        told = received;
        showProgress(session, `${bytesText(received)}${Number.isNaN(size) ? '' : ` of ${bytesText(size)}`}`);
      }
      if (held) yield held;
      held = chunk;
    }
  } catch (cause) {
    if (cause instanceof CliError || (cause as Error).name === 'AbortError') throw cause;
    throw brokenOff(received, size);
  } finally {
    clearProgress(session);
  }
  if (`sha256:${hash.digest('hex')}` !== key)
    throw new CliError(EXIT.failed, `What came is not ${key}: its digest is another one.`);
  if (held) yield held;
}

const brokenOff = (received: number, size: number): CliError =>
  new CliError(EXIT.failed, `The answer broke off after ${received} of ${size} bytes.`, {
    meaning: [
      'The bytes are damaged in the payload store, which the log of the query app tells, or the connection was lost.',
    ],
  });
