import { checkServer } from './check-server';
import { freePort } from './free-port';
import { dropDatabasesOfRun } from './run-databases';
import { withClient } from './admin';
import { databasePrefix, testServerUrl } from './test-server';

test('a server that answers is fine', async () => {
  await expect(checkServer(testServerUrl())).resolves.toBeUndefined();
});

test('a server that is away fails with the line that starts one, and does not show the password', async () => {
  const port = await freePort();
  const failing = checkServer(`postgres://me:s3cret@127.0.0.1:${port}/postgres`);
  await expect(failing).rejects.toThrow(
    new RegExp(`me@127.0.0.1:${port}/postgres.*ECONNREFUSED[^]*docker run .* -p ${port}:5432 postgres`),
  );
  await expect(failing).rejects.not.toThrow('s3cret');
});

test('something that is no connection string is named as such', async () => {
  await expect(checkServer('localhost')).rejects.toThrow('TEST_DATABASE_URL is no connection string');
});

test('what a run has made on a server is dropped with it, and nothing else', async () => {
  const url = testServerUrl();
  const [gone, kept] = ['spec1', 'spec2'].map((run) => `${databasePrefix(run)}left_over`);
  const names = (): Promise<string[]> =>
    withClient(url, async (client) => {
      const { rows } = await client.query<{ datname: string }>(
        "SELECT datname FROM pg_database WHERE datname LIKE '%left_over' ORDER BY 1",
      );
      return rows.map((row) => row.datname);
    });
  await withClient(url, async (client) => {
    for (const name of [gone, kept]) await client.query(`CREATE DATABASE ${name}`);
  });
  expect(await names()).toEqual([gone, kept]);
  await dropDatabasesOfRun(url, 'spec1');
  expect(await names()).toEqual([kept]);
  await dropDatabasesOfRun(url, 'spec2');
});
