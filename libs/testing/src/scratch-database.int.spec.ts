import { scratchDatabase } from './scratch-database';
import { withClient } from './admin';

const namesLike = (url: string, name: string): Promise<number | null> =>
  withClient(url, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    return rowCount;
  });

test('a scratch database is its own and is gone after drop, open sessions or not', async () => {
  const [first, second] = await Promise.all([scratchDatabase(), scratchDatabase()]);
  await withClient(first.url, (client) => client.query('CREATE TABLE only_here (id int)'));
  const found = await withClient(second.url, (client) =>
    client.query("SELECT to_regclass('only_here') AS t"),
  );
  expect(found.rows).toEqual([{ t: null }]);

  await withClient(first.url, async () => {
    await first.drop();
    expect(await namesLike(second.url, first.name)).toBe(0);
  });
  await first.drop();
  await second.drop();
});
