import {
  CLOCK_TOLERANCE_MS,
  completenessOf,
  NO_RECORDER,
  type Completeness,
  type Coverage,
  type CoveredExecution,
} from './completeness';
import type { Recorder } from './recorder';
import { newRecorder } from './testing/recorders';

const NOW = 100_000_000;
const ENDED = NOW - 50_000;

const execution = (more: Partial<CoveredExecution> = {}): CoveredExecution => ({
  id: 'x',
  status: 'completed',
  pending: 0,
  unsettled: 0,
  placeholders: 0,
  firstEventAt: ENDED - 60_000,
  ...more,
});
const coverage = (recorderId: string, more: Partial<Coverage> = {}): Coverage => ({
  recorderId,
  startedSequence: null,
  endedSequence: null,
  endedAt: null,
  rejected: [],
  ...more,
});
/** Told the start of the execution at 5 and its end at 9. */
const owner = coverage('owner', { startedSequence: 5, endedSequence: 9, endedAt: ENDED });
const worker = coverage('worker');
/** All it has recorded has arrived. */
const recorder = (id: string, more: Partial<Recorder> = {}): Recorder => ({
  ...newRecorder(id),
  service: 'documents',
  host: 'a',
  heartbeatAt: ENDED + 1,
  highestSequence: 20,
  received: [[1, 20]],
  ...more,
});

const told = (
  covered: CoveredExecution,
  coverages: readonly Coverage[],
  ...recorders: readonly Recorder[]
): Completeness => completenessOf(covered, coverages, new Map(recorders.map((one) => [one.id, one])), NOW);

describe('an execution', () => {
  it('is proven when it has ended and every recorder has since reported without gaps', () => {
    expect(told(execution(), [owner, worker], recorder('owner'), recorder('worker'))).toMatchObject({
      state: 'proven',
      pending: 0,
      ranges: [],
      advice: null,
    });
  });

  it.each<[string, Partial<CoveredExecution>, number, string, string]>([
    ['runs', { status: 'running' }, 0, 'It has not ended: more is to come.', 'factflow execution wait x'],
    [
      'waits for records',
      { unsettled: 3, pending: 2 },
      3,
      '3 of its records have not settled: more is to come.',
      'factflow lineage list --execution x --status pending',
    ],
    [
      'mentions unknown records',
      { placeholders: 2 },
      2,
      '2 records that others mention are not registered: more is to come.',
      'factflow recorders',
    ],
    [
      'has all of that',
      { status: 'running', unsettled: 1, pending: 1, placeholders: 1 },
      2,
      'It has not ended, 1 of its records has not settled, 1 record that others mention is not registered: more is to come.',
      'factflow lineage list --execution x --status pending',
    ],
    [
      'waits for a circle',
      { unsettled: 2 },
      2,
      '2 of its records have ended and never settle: by their parents they wait for each other in a circle.',
      'factflow lineage list --execution x --completion awaiting_children,failed,cancelled',
    ],
  ])('is open while it %s, and says what to type', (_name, more, pending, reason, advice) => {
    const shown = told(execution(more), [owner], recorder('owner', { heartbeatAt: NOW }));
    expect(shown).toMatchObject({ state: 'open', pending, reason, advice });
  });

  it.each<[string, Partial<CoveredExecution>, string]>([
    ['records', { unsettled: 1, pending: 1 }, 'factflow lineage list --execution x --stalled'],
    ['its end', { status: 'running' }, 'factflow lineage import <structured log or spool>'],
  ])('is open while it waits for %s, and says that who would tell is gone', (_name, more, advice) => {
    const shown = told(
      execution(more),
      [owner, worker],
      recorder('owner', { gone: true }),
      recorder('worker', { heartbeatAt: NOW }),
    );
    expect(shown).toMatchObject({ state: 'open', advice });
    expect(shown.reason).toMatch(
      /: more is to come\. But recorder owner \(documents on a\) is gone: what only it could end stays as it is\.$/,
    );
  });

  it('speaks of several recorders as of several', () => {
    const [a, b] = ['owner', 'worker'].map((id) => recorder(id, { gone: true, received: [[2, 20]] })); // prettier-ignore
    const shown = told(execution(), [owner, worker], a as Recorder, b as Recorder);
    expect(shown.reason).toMatch(
      /are missing, and they are gone: their spool or structured log may have them/,
    );
  });

  it.each<[string, Partial<Recorder>, RegExp]>([
    [
      'has not reported since',
      { heartbeatAt: ENDED - 1 },
      /Nothing was heard of recorder worker \(documents on a\) since/,
    ],
    [
      'has more that has not arrived',
      { highestSequence: 21, heartbeatAt: NOW },
      /Not everything that recorder worker/,
    ],
    ['never reported', { heartbeatAt: null, service: null }, /No heartbeat has come of recorder worker\./],
    ['is gone with events missing', { received: [[1, 3], [5, 20]] }, /Events of recorder worker .* are missing, and it is gone/], // prettier-ignore
  ])('is open while a recorder %s', (_name, more, reason) => {
    const shown = told(execution(), [owner, worker], recorder('owner'), recorder('worker', more));
    expect(shown.state).toBe('open');
    expect(shown.reason).toMatch(reason);
  });

  it('is proven by a recorder that closed before the end, and by one heartbeat of a busy one', () => {
    const closed = recorder('worker', { closed: true, heartbeatAt: ENDED - 10 });
    expect(told(execution(), [owner, worker], recorder('owner'), closed).state).toBe('proven');
    const busy = recorder('worker', { highestSequence: 30, confirmedAt: ENDED, heartbeatAt: NOW });
    expect(told(execution(), [owner, worker], recorder('owner'), busy).state).toBe('proven');
  });

  it('is proven by a recorder that died before the end, once whoever took its spool has said so', () => {
    const died = recorder('worker', { gone: true, heartbeatAt: ENDED - 10 });
    expect(told(execution(), [owner, worker], recorder('owner'), died).state).toBe('proven');
    // What it alone could end stays as it is.
    const pending = told(execution({ unsettled: 1, pending: 1 }), [owner, worker], recorder('owner'), died);
    expect(pending).toMatchObject({
      state: 'open',
      advice: 'factflow lineage list --execution x --stalled',
    });
  });

  it.each<[string, Partial<Recorder>]>([
    ['nobody has said to have died', { gone: false }],
    ['has events missing', { received: [[1, 19]] }], // prettier-ignore
    ['has events queued', { queued: 1 }],
    ['has events on its disk', { spooled: 1 }],
  ])('is open while a recorder that is not heard of any more %s', (_name, more) => {
    const left = recorder('worker', { gone: true, heartbeatAt: ENDED - 10, ...more });
    expect(told(execution(), [owner, worker], recorder('owner'), left).state).toBe('open');
  });

  it('is unknown when any of it came without a sequence, and when nothing is known of where it came from', () => {
    expect(told(execution(), [owner, coverage(NO_RECORDER)], recorder('owner')).state).toBe('unknown');
    expect(told(execution(), [coverage(NO_RECORDER, { endedAt: ENDED })]).state).toBe('unknown');
    expect(told(execution(), []).state).toBe('unknown');
  });

  it('is unknown when a recorder has given one number to several events, whatever has arrived', () => {
    const repeating = recorder('worker', { repeated: [[3, 3], [5, 9]] }); // prettier-ignore
    const shown = told(execution(), [owner, worker], recorder('owner'), repeating);
    expect(shown).toMatchObject({ state: 'unknown', ranges: [], advice: 'factflow recorders' });
    expect(shown.reason).toContain('recorder worker (documents on a), sequence 3, 5 to 9.');
    // Executions that it was not seen in are none of its business.
    expect(told(execution(), [owner], recorder('owner'), repeating).state).toBe('proven');
  });

  it('is lossy when events that may be of it were given up, whatever else', () => {
    const lossy = recorder('worker', {
      received: [[1, 4], [8, 20]], // prettier-ignore
      losses: [{ range: [4, 7], after: null, at: ENDED }],
    });
    const shown = told(
      execution({ status: 'running' }),
      [owner, worker, coverage(NO_RECORDER)],
      recorder('owner'),
      lossy,
    );
    expect(shown).toMatchObject({
      state: 'lossy',
      ranges: [{ recorderId: 'worker', from: 5, to: 7 }],
      advice: 'factflow lineage import <structured log or spool>',
    });
    expect(shown.reason).toContain('given up by recorder worker (documents on a)');
    // They were imported.
    const healed = { ...lossy, received: recorder('worker').received };
    expect(told(execution(), [owner, worker], recorder('owner'), healed).state).toBe('proven');
  });

  it('is lossy when events of it were rejected, until corrected ones have come', () => {
    const refused = { ...worker, rejected: [[7, 8]] as const };
    const missing = recorder('worker', { received: [[1, 6], [9, 20]], rejected: [[7, 8]] }); // prettier-ignore
    expect(told(execution(), [owner, refused], recorder('owner'), missing)).toMatchObject({
      state: 'lossy',
      ranges: [{ recorderId: 'worker', from: 7, to: 8 }],
      advice: null,
    });
    // Another execution of the same recorder has all of its events.
    expect(told(execution(), [owner, worker], recorder('owner'), missing).state).toBe('proven');
    const corrected = { ...missing, received: recorder('worker').received };
    expect(told(execution(), [owner, refused], recorder('owner'), corrected).state).toBe('proven');
  });
});

describe('what a recorder has given up', () => {
  const state = (id: 'owner' | 'worker', loss: Recorder['losses'][number]) => {
    const others = loss.range[0] > 1 ? [[1, loss.range[0] - 1] as const] : [];
    const received = [...others, [loss.range[1] + 1, 20] as const];
    const [a, b] = [recorder('owner'), recorder('worker')].map((one) =>
      one.id === id ? { ...one, received, losses: [loss] } : one,
    );
    return told(execution(), [owner, worker], a as Recorder, b as Recorder).state;
  };
  const first = execution().firstEventAt;

  it.each<[string, 'owner' | 'worker', Recorder['losses'][number], string]>([
    [
      'before it started the execution is not of it',
      'owner',
      { range: [2, 4], after: null, at: NOW },
      'proven',
    ],
    ['between start and end may be', 'owner', { range: [6, 7], after: null, at: NOW }, 'lossy'],
    ['after it ended the execution is not', 'owner', { range: [10, 12], after: null, at: NOW }, 'proven'],
    [
      'and told long before the execution began is not',
      'worker',
      { range: [2, 4], after: null, at: first - CLOCK_TOLERANCE_MS - 1 },
      'proven',
    ],
    [
      'and told shortly before may be: clocks differ',
      'worker',
      { range: [2, 4], after: null, at: first - CLOCK_TOLERANCE_MS },
      'lossy',
    ],
    [
      'after a heartbeat that came when all was over is not',
      'worker',
      { range: [18, 19], after: ENDED, at: NOW },
      'proven',
    ],
    [
      'after a heartbeat that came before may be',
      'worker',
      { range: [18, 19], after: ENDED - 1, at: NOW },
      'lossy',
    ],
  ])('%s', (_name, id, loss, expected) => {
    expect(state(id, loss)).toBe(expected);
  });
});
