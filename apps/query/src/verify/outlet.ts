/**
 * Lines between a worker that makes them and a reader that may be slow: the worker never waits, so that it holds no
 * connection for somebody who does not read. Findings are bounded by whoever makes them; of progress only the newest waits.
 */
export class Outlet {
  private lines: string[] = [];
  private progress = '';
  private ended = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: () => void = () => undefined;

  put(line: string, isProgress: boolean): void {
    if (isProgress) this.progress = line;
    else this.lines.push(line);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  fail(error: unknown): void {
    this.failure = { error };
    this.end();
  }

  /** What was put in, in its order, but for progress, which comes when nothing else does. */
  async *drain(): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const text = this.take();
      if (text !== '') yield text;
      else if (this.failure) throw this.failure.error;
      else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private take(): string {
    const text = this.lines.join('') + (this.ended ? '' : this.progress);
    this.lines = [];
    this.progress = '';
    return text;
  }
}
