import type { FailureGroups } from '@factflow/client';
import { EXECUTION, idOf, json, NOW, runCli } from '../testing';

const FOUND: FailureGroups = {
  groups: [
    {
      route_id: 'documents',
      adapter_name: 'embedder',
      error_class: 'QuotaError',
      message: 'quota of <n>\u001b[2J exceeded',
      count: 12,
      mended: 3,
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
  it('shows what went wrong and how often, with an id that is never cut, on 80 columns', async () => {
    const { code, stdout, stderr } = await run(' --no-color', FOUND, 80);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^COUNT {2}MENDED {2}ADAPTER +ERROR +SUCH AS\n {3}12 {7}3 {2}documents/);
    expect(stdout).toContain(idOf(1));
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const wide = await run(' --no-color', FOUND, 160);
    expect(wide.stdout).toContain('QuotaError: quota of <n>\\x1b[2J exceeded  10 min ago  1 min ago');
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
    expect(stderr).toMatch(/first 1 groups.*\n4 failures are in none of the 9 groups.*\nOnly the latest 12 /);
    expect((await run(' -o table', { ...FOUND, groups: [], total_groups: 0 })).stderr).toMatch(/No failed/);
  });

  it('cannot be followed', async () => {
    const { code, stderr } = await run(' --follow');
    expect(code).toBe(2);
    expect(stderr).toContain('cannot go with --group');
  });
});
