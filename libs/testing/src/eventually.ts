const INTERVAL_MS = 20;

/**
 * Repeats the check until it neither throws, rejects nor answers `false`, and gives its answer.
 * Fails after `timeoutMs` (10,000 unless given) with `what` was waited for and the last thing that was wrong.
 * A check without an answer, such as one made of `expect`, is fine once it does not throw.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  what: string,
  { timeoutMs = 10_000 }: { timeoutMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await inTime(check, deadline);
      if (answer !== false) return answer;
      last = 'it was false';
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) break;
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
  const reason = last instanceof Error ? last.message : String(last);
  throw new Error(`Waited ${timeoutMs} ms for ${what}; last: ${reason}`, { cause: last });
}

// A check that hangs must not make the wait endless.
async function inTime<T>(check: () => T | Promise<T>, deadline: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const remaining = Math.max(0, deadline - performance.now());
    timer = setTimeout(() => reject(new Error('the check did not answer')), remaining);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } finally {
    clearTimeout(timer);
  }
}
