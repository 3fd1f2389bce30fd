import { readQueryConfig } from './config';

const DATABASE_URL = 'postgres://me@localhost/facts';

describe('the configuration of the query app', () => {
  it('has defaults for all but the database', () => {
    expect(readQueryConfig({ DATABASE_URL, XDG_STATE_HOME: '/state' })).toEqual({
      host: '127.0.0.1',
      port: 4000,
      databaseUrl: DATABASE_URL,
      statementTimeoutMs: 15_000,
      poolSize: 10,
      logLevel: 'info',
      payloadStore: 'file:/state/factflow/payloads',
    });
  });

  it('prefers a database address of its own', () => {
    const own = 'postgres://reader@replica/facts';
    expect(readQueryConfig({ DATABASE_URL, FACTFLOW_QUERY_DATABASE_URL: own }).databaseUrl).toBe(own);
    expect(readQueryConfig({ DATABASE_URL, FACTFLOW_QUERY_DATABASE_URL: ' ' }).databaseUrl).toBe(
      DATABASE_URL,
    );
  });

  it('names every variable that is missing or wrong', () => {
    const read = () => readQueryConfig({ FACTFLOW_QUERY_PORT: 'x', FACTFLOW_QUERY_POOL_SIZE: '0' });
    for (const name of ['DATABASE_URL', 'FACTFLOW_QUERY_PORT', 'FACTFLOW_QUERY_POOL_SIZE']) {
      expect(read).toThrow(name);
    }
    expect(() => readQueryConfig({ DATABASE_URL, FACTFLOW_QUERY_DATABASE_URL: 'mysql://x' })).toThrow(
      'FACTFLOW_QUERY_DATABASE_URL must be',
    );
  });
});
