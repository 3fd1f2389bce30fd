import type { DiffClass } from '@factflow/client';

/** What a class is called in a sentence, and the completion whose colour it has. */
type Word = readonly [words: string, color: string];

/** The worst first. */
export const CLASSES: Readonly<Record<DiffClass, Word>> = {
  newly_failing: ['newly failing', 'failed'],
  missing: ['missing', 'failed'],
  newly_cancelled: ['newly cancelled', 'failed'],
  failing_differently: ['failing differently', 'failed'],
  failing_same: ['failing the same', 'failed'],
  pending: ['pending', 'pending'],
  output_changed: ['output changed', 'pending'],
  extra: ['extra', ''],
  fixed: ['fixed', 'done'],
  identical: ['identical', ''],
};

/** Classes, and what is counted beside them. */
export type Counted = DiffClass | 'extra_failing' | 'failing_further' | 'slower';
export const WORDS: Readonly<Record<Counted, Word>> = {
  ...CLASSES,
  extra_failing: ['extra and failing', 'failed'],
  failing_further: ['failing further on', 'failed'],
  slower: ['slower', 'pending'],
};
