import type { Completion } from '@factflow/domain';
import type { Drawn } from './draw-twin';
import { checked, ExpectedFailure, says, unexpected } from './expectation';
import type { TwinRecord } from './lineage-twin';
import { described, matches, pair, type RecordRef } from './record-description';

/**
 * What is expected of one record. Every expectation looks at everything recorded until then, and resolves to the record;
 * it rejects with an `AssertionError` that draws what is there, also when no record, or more than one, is as described.
 */
export class RecordExpectation {
  constructor(
    private readonly fold: () => Promise<Drawn>,
    private readonly ref: RecordRef,
  ) {}

  /** Completed, and everything below it settled. */
  toBeDone(): Promise<TwinRecord> {
    return this.#toBe(this.toBeDone, 'done', 'to be done');
  }

  /** Registered, and not ended. */
  toBePending(): Promise<TwinRecord> {
    return this.#toBe(this.toBePending, 'pending', 'to be pending');
  }

  /** Completed, while something below it has not settled. */
  toAwaitChildren(): Promise<TwinRecord> {
    return this.#toBe(this.toAwaitChildren, 'awaiting_children', 'to await children');
  }

  /** @param reason as it is, or matching; any where it is left out */
  toBeCancelled(reason?: string | RegExp): Promise<TwinRecord> {
    const expected =
      reason === undefined ? 'to be cancelled' : `to be cancelled because of ${String(reason)}`;
    return this.#check(this.toBeCancelled, expected, ({ completion, cancelReason }) =>
      completion !== 'cancelled'
        ? `but it is ${completion}`
        : reason === undefined || says(cancelReason ?? undefined, reason)
          ? undefined
          : `but because of ${cancelReason ?? 'nothing it says'}`,
    );
  }

  /**
   * @param errorClass the class of the error
   * @param message its message, as it is or matching; any where it is left out
   */
  toHaveFailedWith(errorClass: string, message?: string | RegExp): Promise<TwinRecord> {
    const failure = new ExpectedFailure(errorClass, message);
    return this.#check(this.toHaveFailedWith, String(failure), (ended) => failure.differenceOf(ended));
  }

  /** These are its direct children, joins included, in any order, and there are no others. */
  toHaveProduced(children: readonly RecordRef[]): Promise<TwinRecord> {
    return this.#check(this.toHaveProduced, `to have produced ${listed(children)}`, ({ id }, { records }) =>
      compare(
        children,
        records.filter(({ parentIds }) => parentIds.includes(id)),
        'child',
      ),
    );
  }

  /** These are its parents, in any order, and there are no others. */
  toJoin(parents: readonly RecordRef[]): Promise<TwinRecord> {
    return this.#check(this.toJoin, `to join ${listed(parents)}`, ({ parentIds }, { records }) =>
      compare(
        parents,
        records.filter(({ id }) => parentIds.includes(id)),
        'parent',
      ),
    );
  }

  /** A way leads up to these, the nearest first: the first is a parent of the record, the second one of the first … */
  toComeFrom(...ancestors: readonly RecordRef[]): Promise<TwinRecord> {
    const expected = `to come from ${ancestors.map(described).join(', and that from ')}`;
    return this.#check(this.toComeFrom, expected, (record, { records }) => {
      let reached: TwinRecord[] = [record];
      for (const ancestor of ancestors) {
        const above = new Set(reached.flatMap(({ parentIds }) => parentIds));
        reached = records.filter((other) => above.has(other.id) && matches(other, ancestor));
        if (reached.length === 0) return `but nothing it comes from there is ${described(ancestor)}`;
      }
      return undefined;
    });
  }

  /** It tries again what the other record tried first. */
  toBeARetryOf(first: RecordRef): Promise<TwinRecord> {
    return this.#check(
      this.toBeARetryOf,
      `to be a retry of ${described(first)}`,
      ({ retryOf }, { records }) => {
        const tried = records.find(({ id }) => id === retryOf);
        if (tried && matches(tried, first)) return undefined;
        return retryOf === null ? 'but it is no retry' : `but it is one of record ${retryOf}`;
      },
    );
  }

  #toBe(method: () => Promise<TwinRecord>, wanted: Completion, expected: string): Promise<TwinRecord> {
    return this.#check(method, expected, ({ completion, pendingChildren }) => {
      if (completion === wanted) return undefined;
      const waits = completion === 'awaiting_children' ? `, ${pendingChildren} of them` : '';
      return `but it is ${completion}${waits}`;
    });
  }

  /** @param difference what is wrong with the record; undefined: nothing is */
  #check(
    method: (...values: never[]) => unknown,
    expected: string,
    difference: (record: TwinRecord, all: Drawn) => string | undefined,
  ): Promise<TwinRecord> {
    return checked(method, async () => {
      const all = await this.fold();
      const found = all.records.filter((record) => matches(record, this.ref));
      const [record] = found;
      const what = `${described(this.ref)} ${expected}`;
      if (!record) throw unexpected(what, 'but there is no such record', all);
      if (found.length > 1) throw unexpected(what, `but there are ${found.length} such records`, all, found);
      const wrong = difference(record, all);
      if (wrong !== undefined) throw unexpected(what, wrong, executionOf(record, all), [record]);
      return record;
    });
  }
}

const listed = (refs: readonly RecordRef[]): string =>
  refs.length === 0 ? 'nothing' : refs.map(described).join(' and ');

function compare(
  refs: readonly RecordRef[],
  records: readonly TwinRecord[],
  noun: string,
): string | undefined {
  const { unmet, unexpected: others } = pair(refs, records);
  const wrong = [
    ...unmet.map((ref) => `there is no ${noun} ${described(ref)}`),
    ...others.map(({ routeId, adapterName, id }) => `${routeId}/${adapterName} ${id} is a ${noun} too`),
  ];
  return wrong.length === 0 ? undefined : `but ${wrong.join(', and ')}`;
}

const executionOf = ({ executionId }: TwinRecord, { executions, records }: Drawn): Drawn => ({
  executions: executions.filter(({ id }) => id === executionId),
  records,
});
