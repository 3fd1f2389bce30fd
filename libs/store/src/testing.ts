export { migratedDatabase, type MigratedDatabase } from './testing/migrated-database';
export { removeRows, storedRows } from './testing/stored-rows';
export { given, row } from './testing/story';
