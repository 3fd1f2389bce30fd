import { newId, type LineageEvent } from '@factflow/domain';
import { anId, completed, executionEnded, executionStarted, registered } from '@factflow/domain/testing';
import { get, store } from './testing/posting';
import { startSystem, type System } from './testing/system';

// The query app has far less memory than the executions it is asked about take up: whatever held on to their rows or events
// would end it.

const HEAP_MIB = 96;
const RECORDS = 10_000;
/** Of each record, in its events once and in its row once more. */
const METADATA_BYTES = 12_000;
const BATCH_RECORDS = 500;

let system: System;
beforeAll(async () => {
  system = await startSystem({ queryEnv: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` } });
}, 60_000);
afterAll(() => system?.stop(), 60_000);

/** Stores an execution. @param named the records its own are replays of @returns their ids */
async function large(executionId: string, named: readonly string[] = []): Promise<string[]> {
  const at = { executionId };
  const ids = Array.from({ length: RECORDS }, newId);
  const about = (id: string, n: number): LineageEvent[] => [
    registered(id, at, {
      ...(n > 0 ? { parentId: ids[(n - 1) >> 2] as string } : {}),
      ...(n % 10 === 9 ? { joinedParentIds: [ids[n - 3] as string] } : {}),
      ...(named[n] === undefined ? {} : { replayOfRecord: named[n] }),
      inputHash: `sha256:${n}`,
      metadata: { text: String(n).padEnd(METADATA_BYTES, 'x') },
    }),
    completed(id, at, { outputHash: `sha256:${n}` }),
  ];
  await store(system.command.url, [executionStarted(at)]);
  for (let n = 0; n < RECORDS; n += BATCH_RECORDS)
    await store(
      system.command.url,
      ids.slice(n, n + BATCH_RECORDS).flatMap((id, m) => about(id, n + m)),
    );
  await store(system.command.url, [executionEnded(at)]);
  return ids;
}

const lastLine = (text: string): unknown => JSON.parse(text.trimEnd().split('\n').at(-1) as string);

describe(`with ${HEAP_MIB} MiB of memory, executions of ${(RECORDS * METADATA_BYTES) / 1e6} MB`, () => {
  const [a, b] = [anId(), anId()];
  beforeAll(async () => {
    await large(b, await large(a));
  }, 240_000);

  it('are verified, again and again', async () => {
    for (let n = 0; n < 2; n += 1) {
      const { status, body } = await get<string>(system.query.url, `/lineage/verify?execution_id=${a}`);
      expect(status).toBe(200);
      expect(lastLine(body)).toMatchObject({
        type: 'summary',
        checked: { records: RECORDS, events: 2 * RECORDS + 2, joins: RECORDS / 10 },
        differences: 0,
        unchecked: [],
      });
    }
  }, 120_000);

  it('are compared', async () => {
    const { status, body } = await get(system.query.url, `/executions/${a}/diff/${b}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ totals: { identical: RECORDS, missing: 0, extra: 0 } });
  }, 120_000);
});
