import { ProblemError } from '@factflow/server';
import { finished, PassThrough, type Readable } from 'node:stream';

/** How long an upload may bring no byte before it gives its place to another. */
const UPLOAD_IDLE_MS = 5000;

const stalled = (idleMs: number): ProblemError =>
  new ProblemError(
    {
      status: 408,
      code: 'upload_stalled',
      detail: `No byte came for ${idleMs / 1000} s, and not all have; send the payload again. Nothing was stored.`,
    },
    // What is left of the body will not come: the connection is of no more use.
    { connection: 'close' },
  );

/** Nobody is there to read it. */
const aborted = (): ProblemError =>
  new ProblemError({ status: 400, code: 'upload_aborted', detail: 'The sender went away before its end.' });

/** The bytes of an upload. */
export interface Arriving {
  /** ends with a ProblemError when nothing comes any more, or the sender is gone */
  readonly bytes: Readable;
  /** takes no more, and leaves the body as it is */
  readonly stop: () => void;
}

/**
 * Takes a body for as long as its bytes come. Only waiting for the sender counts: not the time for which nobody takes what came.
 * @param idleMs how long none may come
 */
export function arriving(body: Readable, idleMs = UPLOAD_IDLE_MS): Arriving {
  const bytes = new PassThrough();
  // Whoever reads it is told; there may be nobody yet.
  bytes.on('error', () => undefined);
  const timer = setTimeout(() => {
    if (bytes.writableNeedDrain) timer.refresh();
    else bytes.destroy(stalled(idleMs));
  }, idleMs);
  const refresh = (): void => void timer.refresh();
  const forget = finished(body, { writable: false }, (error) => {
    clearTimeout(timer);
    if (error) bytes.destroy(aborted());
  });
  body.on('data', refresh);
  bytes.on('drain', refresh);
  body.pipe(bytes);
  return {
    bytes,
    stop: () => {
      forget();
      body.off('data', refresh).unpipe(bytes);
      bytes.off('drain', refresh).destroy();
      clearTimeout(timer);
    },
  };
}
