import {
  anId,
  aPayload,
  completed,
  executionEnded,
  executionStarted,
  registered,
} from '@factflow/domain/testing';
import * as fc from 'fast-check';
import { append } from './append';
import { enterPayload, forgetPayloads, markUnnamed, payloadKeys, removeUnnamed } from './payloads';
import { prune } from './prune';
import { migratedDatabase, type MigratedDatabase } from './testing/migrated-database';

const DAY_MS = 24 * 3600 * 1000;
const contentType = 'text/plain';
const keyOf = (digit: string): string => aPayload(digit).key;

let database: MigratedDatabase;
beforeEach(async () => void (database = await migratedDatabase()));
afterEach(() => database.drop());

const yes = (): Promise<boolean> => Promise.resolve(true);
const enter = (key: string) => enterPayload(database.dataSource, { key, bytes: 3, contentType }, yes);
const marks = async (): Promise<Record<string, boolean>> => {
  const rows: { key: string; unnamed: boolean }[] = await database.dataSource.query(
    'SELECT key, unnamed_since IS NOT NULL AS unnamed FROM lineage_payload ORDER BY key',
  );
  return Object.fromEntries(rows.map(({ key, unnamed }) => [key.slice(-1), unnamed]));
};
const markAll = async (): Promise<void> => {
  for (let after: string | undefined = ''; after !== undefined;)
    after = (await markUnnamed(database.dataSource, after, 2)).last;
};
/** As if so much time had gone by. */
const age = (ms: number): Promise<unknown> =>
  database.dataSource.query(
    'UPDATE lineage_payload SET unnamed_since = unnamed_since - make_interval(secs => $1::float8 / 1000)',
    [ms],
  );
const removed = async (): Promise<string[]> => {
  const keys: string[] = [];
  await removeUnnamed(database.dataSource, { graceMs: DAY_MS, limit: 10 }, async (key) => {
    keys.push(key.slice(-1));
  });
  return keys;
};

describe('payloads that records name', () => {
  it('stay, by whichever side of whichever record; the others are marked, and go after a day', async () => {
    const executionId = anId();
    const [one, two] = [anId(), anId()];
    for (const digit of ['a', 'b', 'c', 'd', 'e']) await enter(keyOf(digit));
    await append(database.dataSource, [
      registered(one, { executionId }, { inputPayload: aPayload('a') }),
      registered(two, { executionId }),
      completed(two, { executionId }, { outputPayload: aPayload('b', { redacted: true }) }),
    ]);
    await markAll();
    await expect(marks()).resolves.toEqual({ a: false, b: false, c: true, d: true, e: true });
    await age(DAY_MS - 60_000);
    await expect(removed()).resolves.toEqual([]);
    await age(120_000);
    // Named after all, while it is marked still; sent again.
    await append(database.dataSource, [registered(anId(), { executionId }, { inputPayload: aPayload('c') })]);
    await expect(enter(keyOf('d'))).resolves.toBe('known');
    await expect(removed()).resolves.toEqual(['e']);
    await markAll();
    await expect(marks()).resolves.toEqual({ a: false, b: false, c: false, d: true });
  });

  it('go a day after the last execution that names them was pruned', async () => {
    const [old, young] = [anId(), anId()];
    const at = Date.UTC(2026, 0, 1);
    const naming = (executionId: string, when: number, digits: string) => [
      executionStarted({ executionId, at: when }),
      ...[...digits].flatMap((digit) => {
        const id = anId();
        return [
          registered(id, { executionId, at: when }, { inputPayload: aPayload(digit) }),
          completed(id, { executionId, at: when }),
        ];
      }),
      executionEnded({ executionId, at: when }),
    ];
    for (const digit of ['a', 'b']) await enter(keyOf(digit));
    await append(database.dataSource, [...naming(old, at, 'ab'), ...naming(young, at + 2 * DAY_MS, 'b')]);
    await markAll();
    await expect(marks()).resolves.toEqual({ a: false, b: false });
    const request = { before: at + DAY_MS, abandonedBefore: null, now: at + 90 * DAY_MS };
    for await (const progress of prune(database.dataSource, {
      ...request,
      trigger: 'request',
      dryRun: false,
    }))
      expect(progress.executions).toBeLessThanOrEqual(1);
    await markAll();
    await expect(marks()).resolves.toEqual({ a: true, b: false });
    await expect(removed()).resolves.toEqual([]);
    await age(DAY_MS);
    await expect(removed()).resolves.toEqual(['a']);
  });

  it('are looked at a stretch at a time', async () => {
    for (const digit of ['1', '2', '3']) await enter(keyOf(digit));
    const keys = async (after: string, until: string | null, limit = 10) =>
      (await payloadKeys(database.dataSource, { after, until, limit })).map(({ key }) => key.slice(-1));
    await expect(keys('', null)).resolves.toEqual(['1', '2', '3']);
    await expect(keys(keyOf('1'), keyOf('2'))).resolves.toEqual(['2']);
    await expect(keys('', null, 2)).resolves.toEqual(['1', '2']);
  });
});

describe('the row of a payload', () => {
  it('is forgotten when its bytes are gone, and only then', async () => {
    for (const digit of ['a', 'b']) await enter(keyOf(digit));
    const keys = [keyOf('a'), keyOf('b')];
    const isA = (key: string): Promise<boolean> => Promise.resolve(key === keyOf('a'));
    await expect(forgetPayloads(database.dataSource, keys, isA)).resolves.toEqual([keyOf('b')]);
    await expect(marks()).resolves.toEqual({ a: false });
  });

  it('goes before the bytes, so that a removal that fails leaves bytes without a row', async () => {
    await enter(keyOf('a'));
    await markAll();
    const failing = removeUnnamed(database.dataSource, { graceMs: 0, limit: 10 }, async () => {
      throw new Error('the store is away');
    });
    await expect(failing).rejects.toThrow('the store is away');
    await expect(marks()).resolves.toEqual({});
  });

  it('is never there without the bytes, whoever stores, marks, removes and forgets at once', async () => {
    const bytes = new Set<string>();
    const digits = ['a', 'b', 'c'];
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const { dataSource } = database;
    const act = {
      put: async (key: string) => {
        bytes.add(key);
        await turn();
        await enterPayload(dataSource, { key, bytes: 3, contentType }, async () => {
          const areThere = bytes.has(key);
          await turn();
          return areThere;
        });
      },
      mark: () => markUnnamed(dataSource, '', 10),
      remove: () =>
        removeUnnamed(dataSource, { graceMs: 0, limit: 10 }, async (key) => {
          await turn();
          bytes.delete(key);
        }),
      forget: (key: string) => forgetPayloads(dataSource, [key], async (one) => bytes.has(one)),
    };
    const action = fc.record({
      name: fc.constantFrom('put', 'put', 'mark', 'remove', 'forget'),
      key: fc.constantFrom(...digits).map(keyOf),
    }) as fc.Arbitrary<{ name: keyof typeof act; key: string }>;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 2, maxLength: 12 }), async (actions) => {
        await Promise.all(actions.map(({ name, key }) => act[name](key)));
        const rows = Object.keys(await marks()).map(keyOf);
        expect(rows.filter((key) => !bytes.has(key))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
