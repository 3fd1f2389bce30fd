import type { DataSource, QueryRunner } from 'typeorm';

// Which payloads the store holds. A row says that the bytes are there: it is written after them and removed before them,
// so that a crash in between leaves bytes without a row, which are found and removed in time, and never a row without
// bytes. Between the two a removal holds PAYLOAD_LOCK alone, and whoever writes a row shares it and looks for the bytes
// while it does: bytes that are being removed never get a row.

/** Any number no other lock of ours uses. */
const PAYLOAD_LOCK = 4_017_205;
const SHARE_SQL = `SELECT pg_try_advisory_xact_lock_shared(${PAYLOAD_LOCK}) AS taken`;
const LOCK_SQL = `SELECT pg_advisory_lock(${PAYLOAD_LOCK})`;
const UNLOCK_SQL = `SELECT pg_advisory_unlock(${PAYLOAD_LOCK})`;

/** What is stored under a key. */
export interface PayloadEntry {
  readonly key: string;
  readonly bytes: number;
  readonly contentType: string;
}

/**
 * What became of an entry: new, or there already; `gone` when the bytes were removed meanwhile, `busy` when a removal is
 * at work: it takes less than a second, and nothing was written.
 */
export type EntryOutcome = 'stored' | 'known' | 'gone' | 'busy';

// Served by the primary key. Bytes that were unnamed have their grace again; a row that says so already stays as it is.
const ENTER_SQL = `
  WITH entered AS (
    INSERT INTO lineage_payload AS p (key, bytes, content_type, stored_at) VALUES ($1, $2, $3, now())
    ON CONFLICT (key) DO UPDATE SET unnamed_since = NULL, bytes = excluded.bytes
    WHERE p.unnamed_since IS NOT NULL OR p.bytes <> excluded.bytes
    RETURNING xmax = 0 AS inserted)
  SELECT coalesce((SELECT inserted FROM entered), false) AS inserted`;

/**
 * Notes that bytes are stored, after they are.
 * @param areThere whether the store has the bytes still; asked while nothing can be removed
 */
export const enterPayload = (
  dataSource: DataSource,
  { key, bytes, contentType }: PayloadEntry,
  areThere: () => Promise<boolean>,
): Promise<EntryOutcome> =>
  dataSource.transaction(async ({ queryRunner }) => {
    const runner = queryRunner as QueryRunner;
    const [{ taken }] = (await runner.query(SHARE_SQL)) as [{ taken: boolean }];
    if (!taken) return 'busy';
    if (!(await areThere())) return 'gone';
    const [{ inserted }] = (await runner.query(ENTER_SQL, [key, bytes, contentType])) as [
      { inserted: boolean },
    ];
    return inserted ? 'stored' : 'known';
  });

// Each is served by lineage_record_input_payload, or …_output_payload, in every partition.
const NAMED_BY = (side: 'input' | 'output', key: string): string =>
  `(SELECT true FROM lineage_record r WHERE r.${side}_payload IS NOT NULL AND r.${side}_payload ->> 'key' = ${key} LIMIT 1)`;
const IS_NAMED = (key: string): string =>
  `coalesce(${NAMED_BY('input', key)}, ${NAMED_BY('output', key)}, false)`;

// Served by the primary key.
const MARK_SQL = `
  WITH page AS MATERIALIZED (
    SELECT p.key, ${IS_NAMED('p.key')} AS named FROM (
      SELECT key FROM lineage_payload WHERE key > $1 ORDER BY key LIMIT $2) p),
  marked AS (
    UPDATE lineage_payload p SET unnamed_since = CASE WHEN page.named THEN NULL ELSE now() END
    FROM page WHERE p.key = page.key AND page.named <> (p.unnamed_since IS NULL))
  SELECT max(key) AS last, count(*)::int AS seen FROM page`;

/** How far a walk over the payloads is: the last key, if there may be more behind it. */
export interface Step {
  readonly last: string | undefined;
}

/**
 * Marks payloads that no record names, and takes the mark from those that one does.
 * @param after the last key of the step before; `''` at first
 * @param limit keys at most
 */
export async function markUnnamed(dataSource: DataSource, after: string, limit: number): Promise<Step> {
  const [{ last, seen }] = (await dataSource.query(MARK_SQL, [after, limit])) as [
    { last: string | null; seen: number },
  ];
  return { last: seen < limit ? undefined : (last ?? undefined) };
}

// Served by lineage_payload_unnamed. Whether a record names it is asked again: since it was marked one may have come.
const REMOVE_SQL = `
  DELETE FROM lineage_payload p
  WHERE p.key = ANY(ARRAY(
      SELECT key FROM lineage_payload WHERE unnamed_since <= now() - make_interval(secs => $1::float8 / 1000)
      ORDER BY unnamed_since, key LIMIT $2))
    AND p.unnamed_since <= now() - make_interval(secs => $1::float8 / 1000) AND NOT ${IS_NAMED('p.key')}
  RETURNING p.key, p.bytes::float8 AS bytes`;

/** Payloads whose rows are gone. */
export interface RemovedPayloads {
  readonly payloads: number;
  readonly bytes: number;
}

/**
 * Removes payloads that no record has named for a time: first their rows, then their bytes.
 * @param remove removes the bytes of a key; what it cannot remove now is found later as bytes without a row
 * @param limit payloads at most; fewer come back when there are no more
 */
export async function removeUnnamed(
  dataSource: DataSource,
  { graceMs, limit }: { readonly graceMs: number; readonly limit: number },
  remove: (key: string) => Promise<void>,
): Promise<RemovedPayloads> {
  return alone(dataSource, async (runner) => {
    const [rows] = (await runner.query(REMOVE_SQL, [graceMs, limit])) as [
      { key: string; bytes: number }[],
      number,
    ];
    const failures: unknown[] = [];
    for (const { key } of rows) await remove(key).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
    return { payloads: rows.length, bytes: rows.reduce((total, { bytes }) => total + bytes, 0) };
  });
}

// Served by the primary key.
const KEYS_SQL = `
  SELECT key, stored_at FROM lineage_payload WHERE key > $1 AND ($2::text IS NULL OR key <= $2) ORDER BY key LIMIT $3`;

/** The rows of a stretch of keys, in order. @param until `null`: to the end */
export async function payloadKeys(
  dataSource: DataSource,
  { after, until, limit }: { readonly after: string; readonly until: string | null; readonly limit: number },
): Promise<{ readonly key: string; readonly storedAt: number }[]> {
  const rows: { key: string; stored_at: Date }[] = await dataSource.query(KEYS_SQL, [after, until, limit]);
  return rows.map(({ key, stored_at: at }) => ({ key, storedAt: at.getTime() }));
}

// Served by lineage_record_input_payload and …_output_payload.
const CONTENT_TYPE_SQL = `
  SELECT coalesce(
    (SELECT r.input_payload ->> 'content_type' FROM lineage_record r
     WHERE r.input_payload IS NOT NULL AND r.input_payload ->> 'key' = $1 LIMIT 1),
    (SELECT r.output_payload ->> 'content_type' FROM lineage_record r
     WHERE r.output_payload IS NOT NULL AND r.output_payload ->> 'key' = $1 LIMIT 1)) AS content_type`;

/** What records say of bytes that they name. */
export async function contentTypeOf(dataSource: DataSource, key: string): Promise<string | undefined> {
  const [row] = (await dataSource.query(CONTENT_TYPE_SQL, [key])) as [{ content_type: string | null }];
  return row.content_type ?? undefined;
}

const FORGET_SQL = 'DELETE FROM lineage_payload WHERE key = $1';

/**
 * Removes the rows of bytes that are gone.
 * @param areThere whether the store has the bytes of a key; asked while nothing can be stored
 * @returns the keys that are forgotten
 */
export const forgetPayloads = (
  dataSource: DataSource,
  keys: readonly string[],
  areThere: (key: string) => Promise<boolean>,
): Promise<string[]> =>
  alone(dataSource, async (runner) => {
    const gone: string[] = [];
    for (const key of keys) {
      if (await areThere(key)) continue;
      await runner.query(FORGET_SQL, [key]);
      gone.push(key);
    }
    return gone;
  });

/** Does work while nobody writes a row or removes bytes, on a connection of its own. */
async function alone<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query(LOCK_SQL);
    try {
      return await work(runner);
    } finally {
      // Where the connection is gone, so is the lock.
      await runner.query(UNLOCK_SQL).catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}
