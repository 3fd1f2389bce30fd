import {
  applyHeartbeat,
  confirmedAt,
  gapsOf,
  lostOf,
  MAX_LOSSES,
  recorderStateOf,
  type Heartbeat,
  type Recorder,
} from './recorder';
import type { SequenceRange, Sequences } from './sequences';
import { newRecorder } from './testing/recorders';

const heartbeat = (more: Partial<Heartbeat> = {}): Heartbeat => ({
  service: 'documents',
  host: 'a',
  pid: 1,
  startedAt: 1000,
  highestSequence: 0,
  queued: 0,
  spooled: 0,
  lost: [],
  mainThreadAgeMs: 3,
  closed: false,
  ...more,
});
const after = (...heartbeats: readonly [at: number, more: Partial<Heartbeat>][]): Recorder =>
  heartbeats.reduce(
    (recorder, [at, more]) => applyHeartbeat(recorder, heartbeat(more), at),
    newRecorder('r'),
  );
const receiving = (recorder: Recorder, ...received: Sequences): Recorder => ({ ...recorder, received });

describe('a heartbeat', () => {
  it('never goes backwards', () => {
    const recorder = after([10, { highestSequence: 7, queued: 3 }], [20, { highestSequence: 5, queued: 1 }]);
    expect(recorder).toMatchObject({ highestSequence: 7, queued: 1, heartbeatAt: 20 });
  });

  it('that was sent by an earlier process changes nothing but what it adds to what was recorded and lost', () => {
    const recorder = after(
      [10, { startedAt: 2000, pid: 2, queued: 3 }],
      [20, { pid: 1, queued: 9, highestSequence: 4, lost: [[3, 4]], closed: true }],
    );
    expect(recorder).toMatchObject({ pid: 2, queued: 3, heartbeatAt: 10, closed: false, highestSequence: 4 });
    expect(lostOf(recorder)).toEqual([[3, 4]]);
  });

  it('of whoever speaks for a process that died closes it, and leaves the host it had told', () => {
    const recorder = after([10, { host: 'a' }], [20, { host: '', pid: 0, closed: true }]);
    expect(recorder).toMatchObject({ host: 'a', closed: true });
  });

  it('of whoever speaks for a process that died has it gone at once, and counts for what it recorded', () => {
    const dead = after(
      [10, { highestSequence: 3 }],
      [20, { pid: 0, highestSequence: 5, mainThreadAgeMs: 9 }],
    );
    expect(recorderStateOf(dead, 20)).toBe('gone');
    expect(dead).toMatchObject({ pid: 1, heartbeatAt: 20, highestSequence: 5 });
    expect(confirmedAt(receiving(dead, [1, 5]))).toBe(20);
    // It was taken for dead, and was not.
    expect(recorderStateOf(applyHeartbeat(dead, heartbeat(), 30), 30)).toBe('alive');
  });

  it('tells how many payloads wait; whoever speaks for a process that died may not know', () => {
    const dead: [number, Partial<Heartbeat>] = [20, { pid: 0 }];
    expect(after([10, { payloads: 3 }], dead).payloads).toBe(3);
    expect(after([10, { payloads: 3 }], dead, [30, { pid: 0, payloads: 0 }]).payloads).toBe(0);
    expect(after([10, { payloads: 3 }], [20, {}]).payloads).toBeNull();
    expect(after([10, {}]).payloads).toBeNull();
  });

  it('does not open what is closed, unless the recorder has started again', () => {
    const closed: [number, Partial<Heartbeat>] = [10, { closed: true }];
    expect(after(closed, [20, { closed: false }]).closed).toBe(true);
    expect(after(closed, [20, { closed: false, startedAt: 2000 }]).closed).toBe(false);
  });

  it('adds to what is lost, with the time it was told, and since when it can have been', () => {
    const recorder = after(
      [10, { highestSequence: 9, lost: [[3, 4]] }],
      [20, { highestSequence: 20, lost: [[3, 5], [12, 14]] }], // prettier-ignore
    );
    expect(recorder.losses).toEqual([
      { range: [3, 4], after: null, at: 10 },
      { range: [5, 5], after: null, at: 20 },
      { range: [12, 14], after: 10, at: 20 },
    ]);
    expect(lostOf(receiving(recorder, [4, 13]))).toEqual([[3, 3], [14, 14]]); // prettier-ignore
  });

  it('keeps losses bounded, and none is hidden by that', () => {
    const lost = Array.from({ length: MAX_LOSSES + 5 }, (_, n): SequenceRange => [3 * n + 1, 3 * n + 1]);
    const { losses } = after([10, { lost }]);
    expect(losses).toHaveLength(MAX_LOSSES);
    expect(losses[0]).toEqual({ range: [1, 16], after: null, at: 10 });
  });
});

describe('what is proved by a heartbeat', () => {
  it('is told once all it counts has arrived, was rejected or is lost', () => {
    const recorder = after([10, { highestSequence: 9, lost: [[4, 5]] }]);
    expect(confirmedAt(receiving(recorder, [1, 3], [6, 8]))).toBeNull();
    expect(confirmedAt(receiving(recorder, [1, 3], [6, 9]))).toBe(10);
    expect(confirmedAt({ ...receiving(recorder, [1, 3], [6, 8]), rejected: [[9, 9]] })).toBe(10);
    // What it recorded later is of no concern.
    expect(confirmedAt(receiving(recorder, [1, 3], [6, 9], [11, 11]))).toBe(10);
  });

  it('stays so while a later one is not accounted for yet', () => {
    let recorder = receiving(after([10, { highestSequence: 9 }]), [1, 9]);
    recorder = applyHeartbeat(recorder, heartbeat({ highestSequence: 20 }), 20);
    expect(confirmedAt(recorder)).toBe(10);
    recorder = applyHeartbeat(recorder, heartbeat({ highestSequence: 30 }), 30);
    expect(confirmedAt(recorder)).toBe(10);
    // The one at 20 was waited for, and those behind it did not replace it.
    expect(confirmedAt(receiving(recorder, [1, 20]))).toBe(20);
    expect(confirmedAt(receiving(recorder, [1, 30]))).toBe(30);
  });
});

describe('what is missing of a recorder', () => {
  const recorder = (more: Partial<Heartbeat>): Recorder =>
    receiving(after([1000, { highestSequence: 20, ...more }]), [1, 5], [9, 15]);

  it('leaves out what it still has, and what it has lost', () => {
    expect(gapsOf(recorder({}), 1000)).toEqual({ ranges: [[6, 8], [16, 20]], count: 8 }); // prettier-ignore
    expect(gapsOf(recorder({ queued: 4, spooled: 1 }), 1000).count).toBe(4);
    expect(gapsOf(recorder({ lost: [[6, 8]], queued: 5 }), 1000)).toEqual({ ranges: [[16, 20]], count: 0 }); // prettier-ignore
  });

  it('counts what it had in memory when it is gone, not what is on its disk', () => {
    expect(gapsOf(recorder({ queued: 4, spooled: 1 }), 31_001).count).toBe(7);
  });
});

it.each<[string, Partial<Recorder>, string]>([
  ['sends heartbeats', { heartbeatAt: 70_000, mainThreadAgeMs: 5000 }, 'alive'],
  ['has a main thread that does not move', { heartbeatAt: 70_000, mainThreadAgeMs: 5001 }, 'stuck'],
  ['was not heard of for more than 30 s', { heartbeatAt: 69_999, mainThreadAgeMs: 9000 }, 'gone'],
  ['has closed', { heartbeatAt: 1, closed: true }, 'closed'],
  ['never sent a heartbeat', {}, 'silent'],
])('a recorder that %s is told apart', (_name, more, expected) => {
  expect(recorderStateOf({ ...newRecorder('r'), ...more }, 100_000)).toBe(expected);
});
