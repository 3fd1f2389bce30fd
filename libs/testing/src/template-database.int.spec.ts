import { withClient } from './admin';
import { templateDatabase } from './template-database';

const uniqueKey = (): string => `${expect.getState().currentTestName} ${process.hrtime.bigint()}`;

test('is prepared once however many ask at once, and every copy has what it holds', async () => {
  const key = uniqueKey();
  let prepared = 0;
  const prepare = (url: string): Promise<void> =>
    withClient(url, async (client) => {
      prepared += 1;
      await client.query('CREATE TABLE greeting AS SELECT $$hello$$ AS text');
    });
  const templates = await Promise.all(Array.from({ length: 5 }, () => templateDatabase(key, prepare)));
  expect(prepared).toBe(1);
  expect(new Set(templates.map((template) => template.name)).size).toBe(1);

  const copies = await Promise.all(templates.map((template) => template.clone()));
  for (const copy of copies) {
    const { rows } = await withClient(copy.url, (client) => client.query('SELECT text FROM greeting'));
    expect(rows).toEqual([{ text: 'hello' }]);
    await copy.drop();
  }
});

test('a preparation that failed leaves nothing: the next one starts from an empty database', async () => {
  const key = uniqueKey();
  const failing = templateDatabase(key, (url) =>
    withClient(url, async (client) => {
      await client.query('CREATE TABLE half_done ()');
      throw new Error('migration 7 is wrong');
    }),
  );
  await expect(failing).rejects.toThrow('migration 7 is wrong');

  const template = await templateDatabase(key, (url) =>
    withClient(url, async (client) => void (await client.query('CREATE TABLE half_done ()'))),
  );
  await (await template.clone()).drop();
});
