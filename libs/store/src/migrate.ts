import type { DataSource } from 'typeorm';

/** Names the lock under which migrations run; any number no other lock of ours uses. */
const MIGRATION_LOCK = 4_017_201;

/**
 * Brings the database to the newest schema. Any number of processes may call it at once: an advisory lock lets one
 * work while the others wait and then find nothing to do.
 * @returns names of the migrations that ran
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      return (await dataSource.runMigrations()).map(({ name }) => name);
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } finally {
    await runner.release();
  }
}

/** Whether the database is reachable and has every migration this version knows. @throws when it cannot be reached */
export async function isMigrated(dataSource: DataSource): Promise<boolean> {
  const [{ present }] = (await dataSource.query(
    `SELECT to_regclass('lineage_migration') IS NOT NULL AS present`,
  )) as [{ present: boolean }];
  if (!present) return false;
  const rows = (await dataSource.query('SELECT name FROM lineage_migration')) as { name: string }[];
  const applied = new Set(rows.map(({ name }) => name));
  return dataSource.migrations.every(({ name }) => name !== undefined && applied.has(name));
}
