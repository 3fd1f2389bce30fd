/** The last millisecond of the year 9999: no time on the wire is later. */
const MAX_MS = 253_402_300_799_999;

/**
 * Milliseconds since 1970. A service may have made anything of its `Date.now`, as tests do: where that throws or gives no
 * time, the clock tells that only ever goes on. Never throws.
 */
export function timeNow(): number {
  try {
    const now = Math.floor(Date.now());
    if (Number.isInteger(now) && now >= 0 && now <= MAX_MS) return now;
  } catch {
    // As below.
  }
  return steadyTime();
}

/** What `performance` is at the start: it may be replaced as well. */
const { timeOrigin } = performance;
const sinceStart = performance.now.bind(performance);

const steadyTime = (): number => Math.floor(timeOrigin + sinceStart());
