import { ConfigError, host, integer, oneOf, optional, port, readConfig, required, text, url } from './config';

const spec = {
  databaseUrl: required('DATABASE_URL', url(['postgres', 'postgresql'])),
  host: optional('FACTFLOW_HOST', host(), '127.0.0.1'),
  port: optional('FACTFLOW_PORT', port(), 4000),
  timeoutMs: optional('FACTFLOW_TIMEOUT_MS', integer({ min: 100, max: 60_000 }), 5000),
  logLevel: optional('FACTFLOW_LOG_LEVEL', oneOf('info', 'debug'), 'info'),
  label: optional('FACTFLOW_LABEL', text(), undefined),
};
const DATABASE_URL = 'postgres://me:secret@localhost/facts';

describe('readConfig', () => {
  it('reads what is set and falls back for what is not', () => {
    const env = { DATABASE_URL, FACTFLOW_PORT: ' 4100 ', FACTFLOW_HOST: '', FACTFLOW_LOG_LEVEL: 'debug' };
    expect(readConfig(spec, env)).toEqual({
      databaseUrl: DATABASE_URL,
      host: '127.0.0.1',
      port: 4100,
      timeoutMs: 5000,
      logLevel: 'debug',
      label: undefined,
    });
  });

  it('gives a result that cannot be changed', () => {
    expect(Object.isFrozen(readConfig(spec, { DATABASE_URL }))).toBe(true);
  });

  it('tells every problem at once, with the form that is expected and without the value', () => {
    const env = {
      FACTFLOW_HOST: 'http://x',
      FACTFLOW_PORT: '70000',
      FACTFLOW_TIMEOUT_MS: '5s',
      FACTFLOW_LOG_LEVEL: 'loud',
    };
    expect(() => readConfig(spec, env)).toThrow(
      new ConfigError([
        'DATABASE_URL must be set: a URL such as postgres://host',
        'FACTFLOW_HOST must be a host name or an IP address, without port, such as 127.0.0.1',
        'FACTFLOW_PORT must be a whole number from 0 to 65535',
        'FACTFLOW_TIMEOUT_MS must be a whole number from 100 to 60000',
        'FACTFLOW_LOG_LEVEL must be one of info, debug',
      ]),
    );
    expect(() => readConfig(spec, { DATABASE_URL: 'mysql://me:secret@localhost' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });

  it.each(['::1', '0.0.0.0', 'localhost', 'db-1.example.org'])('takes the host %s', (value) => {
    expect(host().read(value)).toBe(value);
  });

  it.each(['localhost:80', 'a b', '-a', '[::1]'])('refuses the host %s', (value) => {
    expect(host().read(value)).toBeUndefined();
  });

  it.each(['1e3', '0x10', '1.5', '99999999999999999999', ''])('refuses the number %j', (value) => {
    expect(integer({ min: -10, max: 1e18 }).read(value)).toBeUndefined();
  });
});
