import type { Action } from '../session';
import { showRecords } from './list';

/** `lineage failures`: failed records, the latest failure first. */
export const listFailures: Action = (session) => showRecords(session, '/api/v1/lineage/failures');
