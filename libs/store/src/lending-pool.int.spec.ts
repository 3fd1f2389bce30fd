import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createDataSource } from './data-source';
import { isDatabaseUnavailable } from './database-errors';
import { ConnectionsBusy, LendingPool } from './lending-pool';
import { migratedDatabase } from './testing';

const PATIENCE_MS = 200;

describe('a pool of connections', () => {
  it('says that all of them are at work, and lends the next that comes back', async () => {
    const database = await migratedDatabase();
    const source = createDataSource({
      url: database.url,
      poolSize: 2,
      applicationName: 'spec',
      connectTimeoutMs: PATIENCE_MS,
    });
    await source.initialize();
    const held = [source.createQueryRunner(), source.createQueryRunner()];
    for (const runner of held) await runner.connect();

    const failure = await source.query('SELECT 1').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectionsBusy);
    expect(failure).toMatchObject({
      code: 'overloaded',
      message: 'All 2 connections to the database are at work; send the same request again later.',
    });
    expect(isDatabaseUnavailable(failure)).toBe(true);

    await held[0]?.release();
    expect(await source.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await held[1]?.release();
    await source.destroy();
    await database.drop();
  });

  it('says of a server that does not answer that it cannot be reached, also to those who wait in line', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const { port } = mute.address() as AddressInfo;
    const pool = new LendingPool({
      connectionString: `postgres://me@127.0.0.1:${port}/none`,
      max: 1,
      connectionTimeoutMillis: PATIENCE_MS,
    });
    const failures = await Promise.allSettled([pool.connect(), pool.connect(), pool.connect()]);
    for (const failure of failures) {
      const { reason } = failure as PromiseRejectedResult;
      expect(reason).not.toBeInstanceOf(ConnectionsBusy);
      expect(isDatabaseUnavailable(reason)).toBe(true);
    }
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
    await pool.end();
  });
});
