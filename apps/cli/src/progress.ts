import type { Session } from './session';

// Back to the start of the line, and clear it.
const CLEAR = '\r\u001b[2K';

/** Shows on a terminal, and there only, how far something is, instead of what was shown before. */
export function showProgress({ context: { stderr }, settings }: Session, text: string): void {
  if (!stderr.isTTY) return;
  stderr.write(CLEAR + text.slice(0, (settings.columns ?? stderr.columns ?? 80) - 1));
}

/** Leaves the line on the terminal empty. */
export function clearProgress({ context: { stderr } }: Session): void {
  if (stderr.isTTY) stderr.write(CLEAR);
}
