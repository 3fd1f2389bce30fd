import { completionOf, type Completion, type LineageEvent, type RecordState } from '@factflow/domain';
import type { DataSource } from 'typeorm';
import { append } from '../append';
import { storedRows } from './stored-rows';

type Expected = Partial<RecordState> & { readonly completion?: Completion };

/** What a story says about one row. */
export interface RowExpectation {
  readonly id: string;
  readonly expected: Expected;
}

/** Says what the row of a record shows. */
export const row = (id: string, expected: Expected): RowExpectation => ({ id, expected });

/**
 * A story on PostgreSQL: events that are there, events that come, rows that must follow.
 * `await given(database, registered(a)).when(completed(a)).then(row(a, { completion: 'done' }))`
 */
export const given = (dataSource: DataSource, ...before: readonly LineageEvent[]) => ({
  when: (...events: readonly LineageEvent[]) => ({
    then: async (...rows: readonly RowExpectation[]): Promise<void> => {
      if (before.length > 0) await append(dataSource, before);
      await append(dataSource, events);
      const { records } = await storedRows(dataSource);
      for (const { id, expected } of rows) {
        const record = records.find((candidate) => candidate.id === id);
        expect(record && { ...record, completion: completionOf(record) }).toMatchObject(expected);
      }
    },
  }),
});
