export { migratedDatabase, type MigratedDatabase } from './testing/migrated-database';
export { storedRows } from './testing/stored-rows';
export { given, row } from './testing/story';
