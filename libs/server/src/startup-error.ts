/** A server cannot start for a reason that its operator can mend; the message says how. */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}

/**
 * Runs the `main` of an app. A start that fails leaves its reason on standard error, with a stack trace only when
 * the reason is not the operator's to mend, and exit code 1.
 */
export async function runMain(main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const text =
      error instanceof StartupError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text}\n`);
    process.exit(1);
  }
}
