import { unite, type Sequences } from '@factflow/domain';
import { readAnswered } from './checkpoint';
import { readLeftInMemory } from './memory-mark';
import { readRecorderLast, type RecorderLast } from './recorder-folder';

/** Ranges the command app takes. */
const MAX_RANGES = 1000;

/** What was found in the spool of a recorder whose process is over, read to its end. */
export interface FoundOfRecorder {
  /** sequence of the last event; 0: none */
  readonly highest: number;
  /** whether something damaged stands behind that: an event at least whose number nobody knows */
  readonly isDamaged: boolean;
}

/**
 * What is to be told of a recorder whose process is over: with what it wrote down itself, what only its memory held or what is
 * damaged at the end of its journal. How many those were nobody can tell: one at least is lost, so that nothing is taken for complete.
 * Written down again (`writeRecorderLast`) it gives the same.
 */
export function recorderEnd(folder: string, { highest, isDamaged }: FoundOfRecorder): RecorderLast {
  const last = readRecorderLast(folder);
  const { made, answered, more } = readLeftInMemory(folder);
  const known = Math.max(highest, answered, readAnswered(folder));
  const least = made + (more ? 1 : 0);
  const isMissing = isDamaged || more || made > known;
  if (!isMissing) return { ...last, highestSequence: Math.max(known, last.highestSequence) };
  const first = known + 1;
  const end = more || made > known ? Math.max(first, least, last.highestSequence) : first;
  return {
    ...last,
    highestSequence: Math.max(end, last.highestSequence),
    lost: bounded(unite(last.lost, [[first, end]])),
  };
}

/** Past the bound the newest are one range, which never hides a lost event. */
function bounded(ranges: Sequences): Sequences {
  const [oldest, newest] = [ranges.slice(0, MAX_RANGES - 1), ranges.slice(MAX_RANGES - 1)];
  const [first, last] = [newest[0], newest.at(-1)];
  return first && last ? [...oldest, [first[0], last[1]]] : oldest;
}
