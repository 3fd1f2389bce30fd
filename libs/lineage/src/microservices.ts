export { withLineage, type LineageClientOptions } from './lineage-client';
