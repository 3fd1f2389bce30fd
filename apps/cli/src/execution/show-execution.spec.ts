import type { Completeness, Execution } from '@factflow/client';
import { EXECUTION, idOf, json, NOW, runCli } from '../testing';

const anExecution = (completeness: Partial<Completeness>): Execution => ({
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
