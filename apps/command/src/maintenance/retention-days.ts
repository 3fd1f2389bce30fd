/** Injects `FACTFLOW_RETENTION_DAYS`, which may be undefined. */
export const RETENTION_DAYS = Symbol('RETENTION_DAYS');

const DAY_MS = 24 * 3600 * 1000;

/** Executions without events since then have outlived their retention; undefined: none ever does. */
export const retentionLimit = (retentionDays: number | undefined, now: number): number | undefined =>
  retentionDays === undefined ? undefined : now - retentionDays * DAY_MS;
