/** A recorder as the end of the process sees it. Nothing here throws. */
export interface Exiting {
  /** the event loop ran dry: whatever this starts keeps the process alive */
  beforeExit(): void;
  /** the last moment: nothing asynchronous happens any more */
  exit(): void;
}

// One listener for all recorders: a process may have many in its life, as in tests.
const recorders = new Set<Exiting>();
const beforeExit = (): void => recorders.forEach((recorder) => recorder.beforeExit());
const exit = (): void => recorders.forEach((recorder) => recorder.exit());

/** Has the recorder told of the end of the process. */
export function watchExit(recorder: Exiting): void {
  if (recorders.size === 0) process.on('beforeExit', beforeExit).on('exit', exit);
  recorders.add(recorder);
}

/** Nothing is told to the recorder any more. */
export function unwatchExit(recorder: Exiting): void {
  recorders.delete(recorder);
  if (recorders.size === 0) process.off('beforeExit', beforeExit).off('exit', exit);
}
