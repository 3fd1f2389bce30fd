import {
  endOf,
  lossesOf,
  NO_RECORDER,
  speaksFor,
  type Coverage,
  type CoveredExecution,
} from './completeness';
import { gapsOf, lostOf, recorderStateOf, rejectedOf, type Gaps, type Recorder } from './recorder';
import type { Sequences } from './sequences';

/** Events of a recorder that are not in the log, and how far that is known. */
export interface Absence {
  readonly recorderId: string;
  /** given up by the recorder itself, and not imported since */
  readonly lost: Sequences;
  /** refused by the command app */
  readonly rejected: Sequences;
  /** neither, and not here */
  readonly gaps: Gaps;
  /** whether the recorder is known to ship nothing more */
  readonly isOver: boolean;
}

const NONE: Gaps = { ranges: [], count: 0 };

const isOver = (recorder: Recorder, now: number): boolean =>
  ['gone', 'closed'].includes(recorderStateOf(recorder, now));

/**
 * What of a recorder is not in the log.
 * @param now milliseconds since 1970, by the clock of the database
 */
export const absenceOf = (recorder: Recorder, now: number): Absence => ({
  recorderId: recorder.id,
  lost: lostOf(recorder),
  rejected: rejectedOf(recorder),
  gaps: gapsOf(recorder, now),
  isOver: isOver(recorder, now),
});

/** The same for the recorders seen in an execution, as far as it may be of that execution. */
export function absencesOf(
  execution: CoveredExecution,
  coverages: readonly Coverage[],
  recorders: ReadonlyMap<string, Recorder>,
  now: number,
): Absence[] {
  const endedAt = endOf(execution, coverages);
  return coverages.flatMap((coverage): Absence[] => {
    const { recorderId } = coverage;
    const recorder = recorders.get(recorderId);
    if (recorderId === NO_RECORDER || !recorder) return [];
    const [losses] = lossesOf(execution, coverage, endedAt, recorder);
    return [
      {
        recorderId,
        lost: losses?.lost ?? [],
        rejected: losses?.rejected ?? [],
        // What it has said since the end of the execution proves that nothing of it is missing.
        gaps: endedAt !== null && speaksFor(coverage, endedAt, recorders) ? NONE : gapsOf(recorder, now),
        isOver: isOver(recorder, now),
      },
    ];
  });
}
