import type { RecordRegisteredData } from './events';

/** The one header of ours a message carries. */
export const LINEAGE_HEADER = 'factflow-lineage';

// Version 1, ASCII: 1;execution=<id>;record=<id>;route=<name>;adapter=<name>[;batch=<id>][;input=<hash>][;parents=<id>,<id>…][;more=<n>]
// Names and the hash are percent-encoded. `more` parents did not fit. Fields unknown to the reader are skipped.
export const LINEAGE_HEADER_VERSION = '1';
export const LINEAGE_HEADER_CHARACTERS = 8 * 1024;
const ID_CHARACTERS = 37;

/** What the header says: enough to go on with the record, and to register its next attempt. */
export interface CarriedRecord {
  readonly executionId: string;
  readonly registration: { readonly id: string; readonly data: RecordRegisteredData };
  /** parents that did not fit into the header */
  readonly moreParents?: number;
}

/** At most 8 KiB of ASCII: parents of a large join are left out where they do not fit. */
export function encodeCarried({ executionId, registration: { id, data } }: CarriedRecord): string {
  const fields = [
    LINEAGE_HEADER_VERSION,
    `execution=${executionId}`,
    `record=${id}`,
    `route=${encodeURIComponent(data.routeId)}`,
    `adapter=${encodeURIComponent(data.adapterName)}`,
    ...(data.batchId === undefined ? [] : [`batch=${data.batchId}`]),
    ...(data.inputHash === undefined ? [] : [`input=${encodeURIComponent(data.inputHash)}`]),
  ];
  const parents = [...(data.parentId === undefined ? [] : [data.parentId]), ...(data.joinedParentIds ?? [])];
  const room = LINEAGE_HEADER_CHARACTERS - fields.join(';').length - 40;
  const carried = parents.slice(0, Math.max(0, Math.floor(room / ID_CHARACTERS)));
  if (carried.length > 0) fields.push(`parents=${carried.join(',')}`);
  if (parents.length > carried.length) fields.push(`more=${parents.length - carried.length}`);
  return fields.join(';');
}
