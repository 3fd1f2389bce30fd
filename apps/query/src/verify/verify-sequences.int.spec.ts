import { newId, sequencesOf, subtract, type LineageEvent, type Sequences } from '@factflow/domain';
import { anId, completed, executionStarted, registered } from '@factflow/domain/testing';
import {
  append,
  ArrivedSequences,
  createDataSource,
  prune,
  rebuildExecution,
  recordHeartbeat,
  writeCoverage,
} from '@factflow/store';
import { eventually } from '@factflow/testing';
import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { startQueryApp, type QueryApp, type QueryAppOptions } from '../testing/query-app';
import { heartbeat, verify } from '../testing/verifying';
import type { VerifyFinding } from './finding';

const LONG_AGO = Date.UTC(2025, 0, 1);
const KINDS = /^(gap|sequence)_/;

/** Numbers events as a recorder does, from 1 on. */
class Numbering {
  readonly recorderId = newId();
  last = 0;

  number<Event extends LineageEvent>(events: readonly Event[]): LineageEvent[] {
    return events.map((event) => ({
      ...event,
      source: { recorderId: this.recorderId, sequence: (this.last += 1) },
    }));
  }
}

/** An execution of five events. */
const anExecution = (executionId = newId(), at?: number): LineageEvent[] => {
  const [first, second] = [anId(), anId()];
  const when = { executionId, ...(at !== undefined && { at }) };
  return [
    executionStarted(when),
    registered(first, when, { started: true }),
    registered(second, when, { parentId: first, started: true }),
    completed(second, when),
    completed(first, when),
  ];
};

describe('a verification of the sequences in the log', () => {
  let app: QueryApp;
  let writing: DataSource;
  const start = async (limits: QueryAppOptions = {}): Promise<void> => {
    app = await startQueryApp(limits);
    const options = { url: app.databaseUrl, poolSize: 4, applicationName: 'spec' };
    writing = await createDataSource(options).initialize();
  };
  const stop = async (): Promise<void> => {
    await writing.destroy();
    await app.close();
  };
  beforeEach(() => start());
  afterEach(stop);

  /** Stores an execution whose recorder has closed. */
  const stored = async (recorder = new Numbering()) => {
    const executionId = newId();
    const events = recorder.number(anExecution(executionId));
    await app.store(events);
    await recordHeartbeat(writing, recorder.recorderId, heartbeat({ highestSequence: recorder.last }));
    return { executionId, events, recorder, recorderId: recorder.recorderId };
  };
  const change = async (event: LineageEvent, to: string): Promise<void> => {
    await app.sql(`UPDATE lineage_event SET ${to} WHERE execution_id = $1 AND event_id = $2`, [
      event.executionId,
      event.eventId,
    ]);
  };
  const remove = (event: LineageEvent): Promise<unknown> =>
    app.sql('DELETE FROM lineage_event WHERE execution_id = $1 AND event_id = $2', [
      event.executionId,
      event.eventId,
    ]);
  const pruneOld = async (): Promise<void> => {
    const limits = { before: LONG_AGO + 1, abandonedBefore: LONG_AGO + 1 };
    const run = prune(writing, { ...limits, trigger: 'request', dryRun: false, now: Date.now() });
    for (let step = await run.next(); !step.done;) step = await run.next();
  };
  const found = async (executionId?: string) => {
    const { findings, summary } = await verify(app, executionId, 1000);
    return {
      summary,
      findings,
      sequences: findings
        .filter(({ kind }) => KINDS.test(kind))
        .map(({ kind, recorder_id: recorder, stored: has, expected }) => [kind, recorder, has ?? expected]),
    };
  };

  it('finds nothing where all that was accepted is there', async () => {
    const recorder = new Numbering();
    for (let n = 0; n < 3; n += 1) await stored(recorder);
    await stored();
    const { findings, summary } = await found();
    expect(findings).toEqual([]);
    expect(summary).toMatchObject({
      differences: 0,
      unchecked: [],
      checked: { recorders_compared: 2, recorders_pruned: 0 },
    });
  });

  it('finds events that were deleted, though the rows follow the log again', async () => {
    const { executionId, events, recorderId } = await stored();
    for (const event of events.slice(2, 4)) await remove(event);
    await rebuildExecution(writing, executionId);
    const { findings, summary } = await found();
    expect(findings).toMatchObject([
      {
        kind: 'gap_vanished',
        difference: true,
        execution_id: null,
        recorder_id: recorderId,
        field: 'sequence',
        stored: null,
        expected: '3-4',
        advice: null,
      },
    ]);
    expect(findings[0]?.message).toMatch(/^2 events that were taken in are no longer in the log.*backup/);
    expect(summary.differences).toBe(1);
    expect((await found(executionId)).findings).toEqual([]);
  });

  it('finds a recorder all of whose events were deleted', async () => {
    const { executionId, recorderId } = await stored();
    await app.sql('DELETE FROM lineage_event WHERE execution_id = $1', [executionId]);
    await rebuildExecution(writing, executionId);
    expect((await found()).sequences).toEqual([['gap_vanished', recorderId, '1-5']]);
  });

  it('finds events that were given another sequence, or another recorder', async () => {
    const [one, two] = [await stored(), await stored()];
    await change(one.events[1] as LineageEvent, 'sequence = 90');
    await change(two.events[4] as LineageEvent, `recorder_id = '${one.recorderId}', sequence = 91`);
    const nobody = newId();
    await change(two.events[0] as LineageEvent, `recorder_id = '${nobody}'`);
    const { sequences, summary } = await found();
    expect(sequences).toEqual([
      ['gap_vanished', one.recorderId, '2'],
      ['gap_vanished', two.recorderId, '1'],
      ['gap_vanished', two.recorderId, '5'],
      ['sequence_unknown', one.recorderId, '90-91'],
      ['sequence_unknown', nobody, '1'],
    ]);
    expect(summary.differences).toBe(5);
    expect((await found(one.executionId)).sequences).toEqual([['sequence_unknown', one.recorderId, '90']]);
    expect((await found(two.executionId)).findings).toMatchObject([
      { kind: 'sequence_unknown', execution_id: two.executionId, recorder_id: one.recorderId, stored: '91' },
      { kind: 'sequence_unknown', execution_id: two.executionId, recorder_id: nobody, stored: '1' },
    ]);
  });

  it('finds exactly what was changed, whatever was', async () => {
    const tampering = fc.array(
      fc.record({
        event: fc.nat({ max: 19 }),
        to: fc.constantFrom('nothing', 'sequence', 'recorder', 'nobody') as fc.Arbitrary<Change>,
        sequence: fc.integer({ min: 1, max: 40 }),
      }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(tampering, async (changes) => {
        await app.sql('TRUNCATE lineage_event, lineage_recorder, lineage_coverage, lineage_tombstone');
        const recorders = [new Numbering(), new Numbering()] as const;
        const executions = [await stored(recorders[0]), await stored(recorders[1])];
        executions.push(await stored(recorders[0]), await stored(recorders[1]));
        const events = executions.flatMap((execution) => execution.events);
        const sources = new Map(events.map((event) => [event, event.source]));
        for (const { event: place, to, sequence } of changes) {
          const event = events[place] as LineageEvent;
          const source = sources.get(event);
          if (!source) continue;
          const recorderId = to === 'recorder' ? recorders[place % 2]?.recorderId : source.recorderId;
          sources.set(
            event,
            to === 'nothing' || to === 'nobody'
              ? undefined
              : {
                  recorderId: recorderId as string,
                  sequence: to === 'sequence' ? sequence : source.sequence,
                },
          );
          if (to === 'nothing') await remove(event);
          else if (to === 'nobody') await change(event, 'recorder_id = NULL, sequence = NULL');
          else
            await change(event, `recorder_id = '${recorderId}', sequence = ${sources.get(event)?.sequence}`);
        }
        const { findings } = await found();
        for (const { recorderId, last } of recorders) {
          const log = sequencesOf(
            [...sources.values()].flatMap((source) =>
              source?.recorderId === recorderId ? [[source.sequence, source.sequence] as const] : [],
            ),
          );
          const told = (kind: string): Sequences => rangesOf(findings, kind, recorderId);
          expect(told('gap_vanished')).toEqual(subtract([[1, last]], log));
          expect(told('sequence_unknown')).toEqual(subtract(log, [[1, last]]));
        }
      }),
      { numRuns: 15 },
    );
  }, 180_000);

  it('waits for what a recorder that runs may not have been answered', async () => {
    const recorder = new Numbering();
    const { executionId } = await stored(recorder);
    await recordHeartbeat(writing, recorder.recorderId, heartbeat({ startedAt: 2, closed: false }));
    await append(writing, recorder.number([completed(anId(), { executionId })]));
    for (const asked of [undefined, executionId]) {
      const { sequences, summary } = await found(asked);
      expect(sequences).toEqual([['sequence_awaited', recorder.recorderId, '6']]);
      expect(summary.differences).toBe(0);
    }
  });

  it('leaves out recorders that were seen in what was pruned, and says how many', async () => {
    const [both, kept] = [new Numbering(), new Numbering()];
    await app.store(both.number(anExecution(undefined, LONG_AGO)));
    await stored(both);
    const deleted = await stored(kept);
    await remove(deleted.events[2] as LineageEvent);
    await pruneOld();
    const { sequences, summary } = await found();
    expect(sequences).toEqual([['gap_vanished', kept.recorderId, '3']]);
    expect(summary).toMatchObject({
      unchecked: [],
      checked: { recorders_compared: 1, recorders_pruned: 1, pruned: 0 },
    });
  });

  it('finds nothing of executions that are pruned while it is at work', async () => {
    for (let round = 0; round < 5; round += 1) {
      for (let n = 0; n < 10; n += 1)
        await app.store(new Numbering().number(anExecution(undefined, LONG_AGO)));
      const pruning = pruneOld();
      expect((await found()).sequences).toEqual([]);
      await pruning;
      expect((await found()).sequences).toEqual([]);
    }
  });

  it('finds nothing of what arrives while it is at work', async () => {
    const ingesting = [new Numbering(), new Numbering()];
    let stopped = false;
    let batches = 0;
    const ingest = async (recorder: Numbering): Promise<void> => {
      const executionIds = Array.from({ length: 5 }, () => newId());
      while (!stopped) {
        const events = recorder.number(
          executionIds.flatMap((executionId) =>
            Array.from({ length: 4 }, () => registered(anId(), { executionId })),
          ),
        );
        await append(writing, events);
        const arrived = new ArrivedSequences();
        for (const event of events) arrived.add(event, 'new');
        await writeCoverage(writing, arrived);
        batches += 1;
      }
    };
    const work = Promise.all(ingesting.map(ingest));
    await eventually(() => batches > 6, 'some batches');
    try {
      for (let n = 0; n < 8; n += 1) {
        const { sequences, summary } = await found();
        expect(sequences).toEqual([]);
        expect(summary.checked.recorders_compared).toBe(2);
      }
    } finally {
      stopped = true;
      await work;
    }
  });

  it('leaves out recorders that were seen in an execution it cannot read', async () => {
    await stop();
    await start({ traceLimit: 50 });
    const [large, small] = [new Numbering(), await stored()];
    const executionId = newId();
    await app.store(large.number(Array.from({ length: 60 }, () => registered(anId(), { executionId }))));
    await remove(small.events[0] as LineageEvent);
    const { sequences, summary } = await found();
    expect(sequences).toEqual([['gap_vanished', small.recorderId, '1']]);
    expect(summary.unchecked).toEqual([expect.stringMatching(/more than 50 records/)]);
    expect(summary.checked).toMatchObject({ recorders_compared: 1, recorders_pruned: 0 });
  });
});

type Change = 'nothing' | 'sequence' | 'recorder' | 'nobody';

const rangesOf = (findings: readonly VerifyFinding[], kind: string, recorderId: string): Sequences =>
  sequencesOf(
    findings
      .filter((finding) => finding.kind === kind && finding.recorder_id === recorderId)
      .map(({ stored, expected }) => {
        const [from, to = from] = (stored ?? expected ?? '').split('-').map(Number);
        return [from as number, to as number] as const;
      }),
  );
