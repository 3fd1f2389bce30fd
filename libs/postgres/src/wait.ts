/** A moment after which every wait gives up, in milliseconds of `performance.now()`. */
export type Deadline = number;

export const deadlineIn = (timeoutMs: number): Deadline => performance.now() + timeoutMs;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until the answer is something; nothing when the deadline passed first. */
export async function poll<T>(
  deadline: Deadline,
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<T | undefined> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() >= deadline) return undefined;
    await pause(20);
  }
}
