export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type ServerOrigin,
} from './embedded-postgres';
export { defaultDataDir, temporaryDataDir } from './layout';
