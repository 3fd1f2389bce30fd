import { readConfig } from './config';

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(readConfig([], {})).toMatchObject({
      directory: process.cwd(),
      broken: false,
      serve: false,
      endpoint: 'http://127.0.0.1:4001',
      flushTimeoutMs: 10_000,
      token: undefined,
      reportFile: expect.stringMatching(/licence-audit-.*\.md$/),
      structuredLog: expect.stringMatching(/licence-audit-.*\.ndjson$/),
      spoolDirectory: false,
    });
  });

  it('takes a directory, a report file and the environment', () => {
    const env = {
      FACTFLOW_ENDPOINT: 'https://lineage:1',
      FACTFLOW_TOKEN: 'secret',
      FACTFLOW_FLUSH_TIMEOUT_MS: '5',
      FACTFLOW_STRUCTURED_LOG: '/tmp/log',
      FACTFLOW_SPOOL_DIRECTORY: '/tmp/spool',
    };
    expect(readConfig(['/srv', '--report', '/tmp/report.json'], env)).toEqual({
      broken: false,
      serve: false,
      directory: '/srv',
      reportFile: '/tmp/report.json',
      endpoint: 'https://lineage:1',
      token: 'secret',
      flushTimeoutMs: 5,
      structuredLog: '/tmp/log',
      spoolDirectory: '/tmp/spool',
    });
  });

  it('can be broken, and stay to take replays', () => {
    expect(readConfig(['--break'], {})).toMatchObject({ broken: true, serve: false });
    expect(readConfig(['--serve', '--break'], {})).toMatchObject({ broken: true, serve: true });
    expect(() => readConfig(['--serve', '/srv'], {})).toThrow(
      '--serve takes neither a directory nor a report',
    );
  });

  it('names everything that is wrong at once', () => {
    const env = { FACTFLOW_ENDPOINT: 'ftp://x', FACTFLOW_FLUSH_TIMEOUT_MS: 'soon' };
    expect(() => readConfig(['a', 'b'], env)).toThrow(
      /one directory at most[^]*FACTFLOW_ENDPOINT[^]*FACTFLOW_FLUSH_TIMEOUT_MS/,
    );
    expect(() => readConfig(['--what'], {})).toThrow('--what');
  });
});
