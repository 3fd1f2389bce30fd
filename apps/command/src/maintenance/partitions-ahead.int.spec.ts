import { partitionRanges, PARTITION_MS } from '@factflow/store';
import { eventually } from '@factflow/testing';
import { startCommandApp, type CommandApp } from '../testing/command-app';

let app: CommandApp;
beforeAll(async () => void (app = await startCommandApp()));
afterAll(() => app.close());

describe('a command app', () => {
  it('makes the partitions of now and of the next two ranges when it has started, and counts them', async () => {
    const expected = partitionRanges(Date.now(), Date.now() + 2 * PARTITION_MS).map(
      ({ suffix }) => `lineage_event_${suffix}`,
    );
    await eventually(async () => {
      const rows: { name: string }[] = await app.database.dataSource.query(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'lineage_event'::regclass`,
      );
      return expected.every((name) => rows.some((row) => row.name === name));
    }, 'the partitions');
    const metrics = await eventually(async () => {
      const text = await (await fetch(`${app.url}/metrics`)).text();
      return /factflow_partitions_made_total [1-9]/.test(text) && text;
    }, 'the count of partitions');
    expect(metrics).toContain(`factflow_partitions_made_total ${expected.length}`);
  });
});
