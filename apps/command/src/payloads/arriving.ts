import { ProblemError } from '@factflow/server';
import { finished, PassThrough, type Readable } from 'node:stream';

/** What is asked of the sender of an upload, so that it does not keep its place from others. */
export interface UploadLimits {
  /** how long no byte may come */
  readonly idleMs: number;
  /** what comes on average, once it has been waited for so long */
  readonly graceMs: number;
  readonly bytesPerSecond: number;
}
const UPLOAD_LIMITS: UploadLimits = { idleMs: 5000, graceMs: 10_000, bytesPerSecond: 32 * 1024 };

const timedOut = (code: 'upload_stalled' | 'upload_too_slow', why: string): ProblemError =>
  new ProblemError(
    { status: 408, code, detail: `${why}; send the payload again. Nothing was stored.` },
    // What is left of the body will not come: the connection is of no more use.
    { connection: 'close' },
  );
const stalled = (idleMs: number): ProblemError =>
  timedOut('upload_stalled', `No byte came for ${idleMs / 1000} s, and not all have`);
const tooSlow = (bytes: number, { graceMs, bytesPerSecond }: UploadLimits): ProblemError =>
  timedOut(
    'upload_too_slow',
    `${bytes} bytes came so far: fewer than ${bytesPerSecond} a second, which is the least after ${graceMs / 1000} s`,
  );

/** How often the pace is looked at until it counts. */
const LOOKS_IN_GRACE = 20;

/** Nobody is there to read it. */
const aborted = (): ProblemError =>
  new ProblemError({ status: 400, code: 'upload_aborted', detail: 'The sender went away before its end.' });

/** The bytes of an upload. */
export interface Arriving {
  /** ends with a ProblemError when nothing comes any more, or too little, or the sender is gone */
  readonly bytes: Readable;
  /** takes no more, and leaves the body as it is */
  readonly stop: () => void;
}

/** Takes a body for as long as its bytes come. Only waiting for the sender counts: not the time for which nobody takes what came. */
export function arriving(body: Readable, some: Partial<UploadLimits> = {}): Arriving {
  const limits = { ...UPLOAD_LIMITS, ...some };
  const bytes = new PassThrough();
  // Whoever reads it is told; there may be nobody yet.
  bytes.on('error', () => undefined);
  const pace = watchPace(body, bytes, limits);
  const timer = setTimeout(() => {
    if (bytes.writableNeedDrain) timer.refresh();
    else bytes.destroy(stalled(limits.idleMs));
  }, limits.idleMs);
  const refresh = (): void => void timer.refresh();
  const settle = (): void => {
    clearTimeout(timer);
    pace.stop();
  };
  const forget = finished(body, { writable: false }, (error) => {
    settle();
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
      settle();
    },
  };
}

/** Ends an upload that is too slow on average. Looks again and again: what was not waited for at a look counts for nothing. */
function watchPace(body: Readable, bytes: PassThrough, limits: UploadLimits): { readonly stop: () => void } {
  const everyMs = Math.max(1, limits.graceMs / LOOKS_IN_GRACE);
  let [came, waitedMs] = [0, 0];
  const count = (chunk: Buffer): void => void (came += chunk.length);
  const timer = setInterval(() => {
    if (bytes.writableNeedDrain) return;
    waitedMs += everyMs;
    if (waitedMs >= limits.graceMs && came * 1000 < waitedMs * limits.bytesPerSecond)
      bytes.destroy(tooSlow(came, limits));
  }, everyMs);
  body.on('data', count);
  return {
    stop: () => {
      body.off('data', count);
      clearInterval(timer);
    },
  };
}
