import { crc32 } from 'node:zlib';

/** A transaction on the way in serves one lane: executions are spread over this many. Part of the contract between processes. */
export const LANES = 64;

/** First of the two keys of a lane's advisory lock; any number no other lock of ours uses. */
const LANE_LOCK = 4_017_202;

/** The lane of an execution, the same in every process. */
export const laneOf = (executionId: string): number => crc32(executionId) % LANES;

/** Takes the lane until the transaction ends. A statement of its own: what comes after it sees what was committed before. */
export const LOCK_LANE_SQL = `SELECT pg_advisory_xact_lock(${LANE_LOCK}, $1)`;
