import { sequencesOf, type SequenceRange, type Sequences } from '@factflow/domain';

const RANGE = /\[(\d+),(\d+)\)/g;

/** Sequences as the text of an `int8multirange`. */
export const toMultirange = (sequences: Sequences): string =>
  `{${sequences.map(([from, to]) => `[${from},${to + 1})`).join(',')}}`;

/** Sequences from the text of an `int8multirange`, which PostgreSQL writes in one form only. */
export const fromMultirange = (text: string): Sequences =>
  sequencesOf([...text.matchAll(RANGE)].map(([, from, to]): SequenceRange => [Number(from), Number(to) - 1]));
