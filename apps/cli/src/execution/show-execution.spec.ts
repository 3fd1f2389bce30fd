import type { Completeness, ExecutionDetails } from '@factflow/client';
import { EXECUTION, idOf, json, NOW, runCli } from '../testing';

const anExecution = (completeness: Partial<Completeness>): ExecutionDetails => ({
  id: EXECUTION,
  name: null,
  status: 'completed',
  completion: 'done',
  started_at: new Date(NOW - 10_000).toISOString(),
  completed_at: new Date(NOW).toISOString(),
  error: null,
  replay_of: null,
  from_stage: null,
  metadata: null,
  counts: { pending: 0, completed: 1, failed: 0, cancelled: 0 },
  unsettled: 0,
  placeholders: 0,
  pinned: false,
  completeness: {
    state: 'proven',
    reason: 'All is here.',
    pending: 0,
    ranges: [],
    advice: null,
    ...completeness,
  },
  failing_adapters: [],
  more_failing_adapters: false,
  replays: [],
  more_replays: false,
});
const shown = async (completeness: Partial<Completeness>): Promise<string> => {
  const answer = () => json(anExecution(completeness));
  const { stdout } = await runCli(`execution get ${EXECUTION} -o table`, { answer });
  return stdout.replaceAll(/\n {2,}/g, '\n');
};

describe('the completeness of an execution', () => {
  it('is told with its reason', async () => {
    expect(await shown({})).toContain('completeness  proven\nAll is here.\nrecords');
    expect(await shown({ state: 'open', pending: 3 })).toContain('completeness  open (3 pending)\n');
  });

  it('is told in lines that end between words on a terminal', async () => {
    const reason = `It has not ended, ${'and more is to come of what nobody has told yet '.repeat(4)}.`;
    const answer = () => json(anExecution({ state: 'open', reason }));
    const { stdout } = await runCli(`execution get ${EXECUTION} --no-color`, { answer, columns: 80 });
    const lines = stdout.split('\n');
    const of = lines.slice(lines.findIndex((line) => line.startsWith('completeness')) + 1, -1);
    const told = of.slice(
      0,
      of.findIndex((line) => !line.startsWith(' ')),
    );
    expect(told.length).toBeGreaterThan(2);
    expect(told.map((line) => line.trim()).join(' ')).toBe(reason);
    for (const line of told) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('is told with what is missing and what to type next', async () => {
    const ranges = Array.from({ length: 7 }, (_, n) => ({
      recorder_id: idOf(1),
      from: 10 * n + 1,
      to: 10 * n + 1 + n,
    }));
    const text = await shown({
      state: 'lossy',
      reason: 'Lost \u001b[2J.',
      ranges,
      advice: 'factflow recorders',
    });
    expect(text).toContain(
      `completeness  lossy\nLost \\x1b[2J.\nevent 1 of recorder ${idOf(1)}\nevents 11 to 12 of recorder ${idOf(1)}\n`,
    );
    expect(text).toContain('and 2 ranges more, see -o json\nnext: factflow recorders\n');
  });
});

describe('an execution', () => {
  const show = async (fields: Partial<ExecutionDetails>): Promise<string> => {
    const answer = () => json({ ...anExecution({}), ...fields });
    return (await runCli(`execution get ${EXECUTION} -o table`, { answer })).stdout.replaceAll(
      /\n {2,}/g,
      '\n',
    );
  };

  it('is shown with the adapters that failed and with what was replayed from it', async () => {
    const replay = {
      id: idOf(8),
      name: null,
      status: 'completed',
      completion: 'done',
      from_stage: 'embedder\u001b[2J',
      started_at: new Date(NOW - 60_000).toISOString(),
    } as const;
    const text = await show({
      failing_adapters: [
        { route_id: 'documents', adapter_name: 'embedder', failed: 12, sample_record_id: idOf(3) },
        { route_id: 'documents', adapter_name: 'parser\u001b[2J', failed: 1, sample_record_id: null },
      ],
      replays: [replay, { ...replay, id: idOf(7), completion: 'failed', from_stage: null }],
    });
    expect(text).toContain(`12 in documents/embedder, such as ${idOf(3)}\n1 in documents/parser\\x1b[2J\n`);
    expect(text).toContain(
      `${idOf(8)} done from embedder\\x1b[2J, 1 min ago\n${idOf(7)} failed, 1 min ago\n`,
    );
  });

  it('says where there is more of that', async () => {
    const text = await show({ more_failing_adapters: true, more_replays: true });
    expect(text).toContain(`see factflow lineage stats --execution ${EXECUTION}\n`);
    expect(text).toContain(`see factflow execution list --replay-of ${EXECUTION}\n`);
  });
});
