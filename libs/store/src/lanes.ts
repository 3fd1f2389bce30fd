import { crc32 } from 'node:zlib';
import type { DataSource, QueryRunner } from 'typeorm';

/** A transaction on the way in serves one lane: executions are spread over this many. Part of the contract between processes. */
const LANES = 64;

/** First of the two keys of a lane's advisory lock; any number no other lock of ours uses. */
const LANE_LOCK = 4_017_202;

/** The lane of an execution, the same in every process. */
export const laneOf = (executionId: string): number => crc32(executionId) % LANES;

/** Takes the lane until the transaction ends. A statement of its own: what comes after it sees what was committed before. */
const LOCK_LANE_SQL = `SELECT pg_advisory_xact_lock(${LANE_LOCK}, $1)`;

/** Does work in one transaction that holds the lane, on a connection of its own. */
export async function inLane<T>(
  dataSource: DataSource,
  lane: number,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await holdLane(runner, lane, () => work(runner));
  } finally {
    await runner.release();
  }
}

/** Does work in one transaction that holds the lane, on a connection that has no transaction open. */
export async function holdLane<T>(runner: QueryRunner, lane: number, work: () => Promise<T>): Promise<T> {
  await runner.startTransaction();
  try {
    await runner.query(LOCK_LANE_SQL, [lane]);
    const result = await work();
    await runner.commitTransaction();
    return result;
  } catch (error) {
    // The connection may be gone: what failed first is what the caller must hear.
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}
