import { localUrl, readSettings, StartError } from './settings';

describe('settings of npm start', () => {
  it('default to loopback, ports 4001 and 4000 and the embedded database', () => {
    expect(readSettings([], { DATABASE_URL: '' }, '/home/me')).toEqual({
      exit: false,
      broken: false,
      databaseUrl: undefined,
      host: '127.0.0.1',
      commandPort: 4001,
      queryPort: 4000,
      directory: undefined,
    });
  });

  it('come from the environment and the arguments', () => {
    const env = {
      DATABASE_URL: 'postgres://localhost/facts',
      FACTFLOW_HOST: '0.0.0.0',
      FACTFLOW_COMMAND_PORT: '5001',
      FACTFLOW_QUERY_PORT: '5000',
    };
    expect(readSettings(['--exit', '--break', 'other'], env, '/home/me')).toEqual({
      exit: true,
      broken: true,
      databaseUrl: 'postgres://localhost/facts',
      host: '0.0.0.0',
      commandPort: 5001,
      queryPort: 5000,
      directory: '/home/me/other',
    });
    expect(readSettings(['/srv/tree'], {}, '/home/me').directory).toBe('/srv/tree');
  });

  it.each(['http', '0', '65536', '-1', '4e3'])('refuse the port %s, naming the variable', (port) => {
    expect(() => readSettings([], { FACTFLOW_QUERY_PORT: port }, '/')).toThrow(
      new StartError('FACTFLOW_QUERY_PORT must be a port, a number from 1 to 65535.'),
    );
  });

  it('refuse one port for both apps', () => {
    expect(() => readSettings([], { FACTFLOW_QUERY_PORT: '4001' }, '/')).toThrow(/must differ/);
  });

  it.each([['--help'], ['a', 'b']])('answer %j with the usage', (...args) => {
    expect(() => readSettings(args, {}, '/')).toThrow(/^Usage: npm start/);
  });
});

describe('localUrl', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['0.0.0.0', 'http://127.0.0.1:80'],
    ['::', 'http://127.0.0.1:80'],
    ['::1', 'http://[::1]:80'],
  ])('reaches what listens on %s', (host, url) => {
    expect(localUrl(host, 80)).toBe(url);
  });
});
