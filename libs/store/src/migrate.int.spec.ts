import { scratchDatabase, type ScratchDatabase } from '@factflow/testing';
import { createDataSource } from './data-source';
import { isMigrated, migrate } from './migrate';

let database: ScratchDatabase;
beforeEach(async () => void (database = await scratchDatabase()));
afterEach(() => database.drop());

const open = (applicationName: string) =>
  createDataSource({ url: database.url, poolSize: 3, applicationName }).initialize();

describe('migrate', () => {
  it('lets several processes start at once on an empty database', async () => {
    const sources = await Promise.all(['a', 'b', 'c', 'd'].map(open));
    try {
      await expect(isMigrated(sources[0] as (typeof sources)[0])).resolves.toBe(false);
      const ran = await Promise.all(sources.map(migrate));
      expect(ran.flat()).toEqual(sources[0]?.migrations.map(({ name }) => name));
      await expect(Promise.all(sources.map(isMigrated))).resolves.toEqual([true, true, true, true]);
    } finally {
      await Promise.all(sources.map((source) => source.destroy()));
    }
  });
});
