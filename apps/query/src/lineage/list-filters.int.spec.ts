import { completionOf, formatTime, newId, type RecordState } from '@factflow/domain';
import { arbitraryHistory } from '@factflow/domain/testing';
import * as fc from 'fast-check';
import { allPages, startQueryApp, storeFresh, type QueryApp } from '../testing/query-app';
import type { LineageRecord } from './lineage-record';

const LIST = '/api/v1/lineage';
/** No time is later than this. */
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A filter of the wire with what it means. */
interface Filter {
  readonly query: string;
  readonly holds: (record: RecordState) => boolean;
}

/** Filters that a record passes, and most others of the same history do not. */
function filtersOf(one: RecordState): Filter[] {
  const equal = (name: string, read: (record: RecordState) => string | null): Filter[] => {
    const value = read(one);
    return value === null
      ? []
      : [{ query: `${name}=${encodeURIComponent(value)}`, holds: (r) => read(r) === value }];
  };
  const completions = [...new Set([completionOf(one), 'failed'])];
  const startedAt = one.startedAt ?? 0;
  const before = Math.min(startedAt + 2, LAST_TIME);
  return [
    ...equal('status', ({ status }) => status),
    ...equal('completion', completionOf),
    {
      query: `completion=${completions.join(',')}`,
      holds: (r) => completions.includes(completionOf(r)),
    },
    ...equal('route_id', ({ routeId }) => routeId),
    ...equal('adapter_name', ({ adapterName }) => adapterName),
    ...equal('batch_id', ({ batchId }) => batchId),
    ...equal('parent_id', ({ parentId }) => parentId),
    ...equal('input_hash', ({ inputHash }) => inputHash),
    ...equal('output_hash', ({ outputHash }) => outputHash),
    {
      query: `started_after=${formatTime(startedAt)}`,
      holds: (r) => (r.startedAt ?? 0) >= startedAt,
    },
    {
      query: `started_before=${formatTime(before)}`,
      holds: (r) => (r.startedAt ?? 0) < before,
    },
  ];
}

describe('filters of lists', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
  });
  afterAll(() => app.close());

  const idsOf = async (path: string): Promise<string[]> =>
    (await allPages<LineageRecord>(app, path)).map(({ id }) => id);

  // Other histories are in the tables as well: an execution is always named.
  const runs = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
    mask: fc.array(fc.boolean(), { minLength: 11, maxLength: 11 }),
    history: fc.constant(null).chain(() => {
      const executions = [newId(), newId()];
      return arbitraryHistory({ executions, maxRecords: 12 }).map(({ events }) => ({ events, executions }));
    }),
  });

  it('hold together, whatever others are given with them', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ limit, seed, mask, history: { events, executions } }) => {
        const rows = await storeFresh(app, events, executions);
        const shown = rows.records.filter(({ registration }) => registration);
        const one = shown[seed % shown.length];
        // Whatever is asked for, the answer holds this one at least.
        fc.pre(one !== undefined);
        // A name is given once: the set of completions only where the one completion is not.
        const given = filtersOf(one)
          .filter((_, n) => mask[n])
          .filter(({ query }, n, all) => all.findIndex((f) => nameOf(f.query) === nameOf(query)) === n);
        const query = [
          `execution_id=${one.executionId}`,
          `limit=${limit}`,
          ...given.map((filter) => filter.query),
        ].join('&');
        const wanted = shown.filter(
          (record) => record.executionId === one.executionId && given.every(({ holds }) => holds(record)),
        );
        const failed = wanted.filter(({ status }) => status === 'failed');
        expect(await idsOf(`${LIST}?${query}&sort=started_at`)).toEqual(idsBy(wanted, 'startedAt'));
        expect(await idsOf(`${LIST}?${query}`)).toEqual(idsBy(wanted, 'startedAt').reverse());
        expect(await idsOf(`${LIST}/failures?${query}`)).toEqual(idsBy(failed, 'endedAt').reverse());
      }),
      { numRuns: 100 },
    );
  });
});

const nameOf = (query: string): string => query.replace(/=.*/, '');

function idsBy(records: readonly RecordState[], time: 'startedAt' | 'endedAt'): string[] {
  const at = (record: RecordState): number =>
    (time === 'startedAt' ? record.startedAt : record.terminal?.at) ?? 0;
  return [...records].sort((a, b) => at(a) - at(b) || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
}
