import { startProcess, type TestProcess } from '@factflow/testing';
import { Client } from 'pg';
import { join } from 'node:path';
import { ROWS } from './rows';

const PROGRAM = join(__dirname, '../../dist/tools/bench.mjs');

const bench = (args: readonly string[], env: Record<string, string | undefined> = {}): TestProcess =>
  startProcess(process.execPath, [PROGRAM, ...args], { env: { DATABASE_URL: undefined, ...env } });

describe('npm run bench', () => {
  it('runs every row for real, on a server of its own, and answers with JSON lines alone', async () => {
    const running = bench(['--json', '--scale', '0.002', '--runs', '1'], { REDIS_URL: undefined });
    const { code } = await running.exit;
    const lines = running.stdout
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    const names = ROWS.map(({ name }) => name).filter((name) => name !== 'peer-bullmq');
    expect(lines.map(({ name, error }) => ({ name, error }))).toEqual(names.map((name) => ({ name })));
    for (const { value, baseline, ratio } of lines as Record<string, number>[]) {
      expect(value).toBeGreaterThan(0);
      expect(baseline).toBeGreaterThan(0);
      expect((ratio as number) / ((value as number) / (baseline as number))).toBeCloseTo(1, 2);
    }
    expect(lines[0]?.['notes']).toEqual([
      expect.stringMatching(/events of 4 executions/),
      expect.stringMatching(/^CPU time per event: bench [\d.]+, app [\d.]+.* of COPY: bench [\d.]+/),
    ]);
    expect(code).toBe(lines.every(({ met }) => met !== false) ? 0 : 1);
    expect(running.stderr).toContain('peer-bullmq: left out: it needs a Redis that REDIS_URL names');
  }, 240_000);

  it('names what there is when asked for a row that is not there', async () => {
    const running = bench(['ingset']);
    expect(await running.exit).toEqual({ code: 2, signal: null });
    expect(running.stderr).toMatch(/No such row: ingset\. There are: ingest, .*, ingest-10m\./);
    expect(running.stdout).toBe('');
  });

  it('refuses a server that does not write durably, and removes what it has made there', async () => {
    const url = process.env['TEST_DATABASE_URL'] as string;
    const before = await databases(url);
    const running = bench(['--json', '--scale', '0.005', 'ingest'], { DATABASE_URL: url });
    expect((await running.exit).code).toBe(1);
    expect(await databases(url)).toEqual(before);
  }, 60_000);
});

async function databases(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE datname LIKE 'factflow\\_bench\\_%' ORDER BY datname`,
  );
  await client.end();
  return rows.map(({ datname }) => datname);
}
