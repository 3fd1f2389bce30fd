import type { FailureGroup, FailureGroups } from '@factflow/client';
import { EXECUTION, idOf, json, NOW, runCli } from '../testing';

const FOUND: FailureGroups = {
  groups: [
    {
      route_id: 'documents',
      adapter_name: 'embedder',
      error_class: 'QuotaError',
      message: 'quota of <n>\u001b[2J exceeded',
      count: 12,
      fixed: 3,
      tried_again: 1,
      first_at: new Date(NOW - 600_000).toISOString(),
      last_at: new Date(NOW - 60_000).toISOString(),
      sample_id: idOf(1),
      sample_execution_id: EXECUTION,
    },
  ],
  total_groups: 1,
  failures: 12,
  ungrouped: 0,
  truncated: false,
};
const run = (more = '', found = FOUND, columns?: number) =>
  runCli(`lineage failures --group${more}`, { answer: () => json(found), columns });

describe('lineage failures --group', () => {
  it('shows what went wrong, how often and when, and an id that is never cut, on 80 columns', async () => {
    const { code, stdout, stderr } = await run(' --no-color', FOUND, 80);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'COUNT  FIXED  ADAPTER             SUCH AS',
        `   12      3  documents/embedder  ${idOf(1)}`,
        '              QuotaError: quota of <n>\\x1b[2J exceeded',
        '              first 10 min ago, last 1 min ago; 1 tried again, not fixed',
        '',
      ].join('\n'),
    );
  });

  it('cuts long names and messages to the terminal, not ids', async () => {
    const [group] = FOUND.groups as [FailureGroup];
    const long = { ...group, adapter_name: 'a'.repeat(90), message: 'm'.repeat(300), count: 1, fixed: 1 };
    const { stdout } = await run(' --no-color', { ...FOUND, groups: [long, group] }, 80);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(
      new RegExp(
        `^ {4}1 {4}all  documents/a+…  ${idOf(1)}\n {14}QuotaError: m+…\n {14}failed 1 min ago;`,
        'm',
      ),
    );
  });

  it('sends the filters, and is JSON for scripts', async () => {
    const { stdout, requests } = await run(` --execution ${EXECUTION} --adapter embedder --limit 5000`);
    expect(JSON.parse(stdout)).toEqual(FOUND);
    expect(Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)).toEqual({
      execution_id: EXECUTION,
      adapter_name: 'embedder',
      group: 'true',
      limit: '1000',
    });
    expect(JSON.parse((await run(' -o jsonl')).stdout)).toEqual(FOUND.groups[0]);
  });

  it('says what is left out, and that there is nothing', async () => {
    const cut = { ...FOUND, total_groups: 9, ungrouped: 4, truncated: true };
    const { stderr } = await run(' -o table', cut);
    expect(stderr).toMatch(
      /the first of 9 groups.*\n4 failures are in none of the 9 groups.*\nOnly the latest 12 /,
    );
    expect((await run(' -o table', { ...FOUND, groups: [], total_groups: 0 })).stderr).toMatch(/No failed/);
  });

  it('cannot be followed', async () => {
    const { code, stderr } = await run(' --follow');
    expect(code).toBe(2);
    expect(stderr).toContain('cannot go with --group');
  });
});
