/** Things to undo, the last one first; what was begun ends even when something else cannot be undone. */
export class Scope {
  private readonly undo: { readonly what: string; readonly how: () => unknown }[] = [];
  private closed = false;

  constructor(private readonly say: (message: string) => void) {}

  /**
   * Undoes something at the end, or at once when that has passed: after Ctrl-C what was being started comes late.
   * @param what for people, should it fail
   */
  defer(what: string, how: () => unknown): void {
    this.undo.push({ what, how });
    if (this.closed) void this.close();
  }

  async close(): Promise<void> {
    this.closed = true;
    for (let step = this.undo.pop(); step; step = this.undo.pop()) {
      try {
        await step.how();
      } catch (error) {
        this.say(`could not ${step.what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
