import { counted } from './counted';
import type { Coverage, CoveredExecution, Missing, MissingRange } from './completeness';
import { gapsOf, recorderStateOf, type Recorder } from './recorder';
import { unite, type Sequences } from './sequences';

// What the states of completeness mean for people: sentences, and a command to type next.

type Recorders = ReadonlyMap<string, Recorder>;
/** What is said of a state. */
export type Told = [
  reason: string,
  more: { readonly ranges?: readonly MissingRange[]; readonly advice: string | null },
];

const IMPORT = 'factflow lineage import <structured log or spool>';
const RECORDERS = 'factflow recorders';
/** Recorders, and ranges of one, that a reason names. */
const NAMED = 3;

export const UNKNOWN =
  'Events of it came without a recorder and its sequence, so that nobody can tell whether one is missing.';
export const PROVEN =
  'It has ended, every record has settled, and every recorder seen in it has since reported, or is over, with none of its events missing.';

/** What was given up or rejected. */
export function lossyWords(missing: readonly Missing[], recorders: Recorders): Told {
  const ranges = missing.flatMap(({ recorderId, lost, rejected }) =>
    unite(lost, rejected).map(([from, to]): MissingRange => ({ recorderId, from, to })),
  );
  const names = (chosen: readonly Missing[]): string => namesOf(chosen, recorders);
  const lost = missing.filter((one) => one.lost.length > 0);
  const rejected = missing.filter((one) => one.rejected.length > 0);
  const parts = [
    lost.length > 0
      ? `Events that may be of it were given up by ${names(lost)}; they are in ${one(lost, 'its', 'their')} structured log or spool, to be imported.`
      : '',
    rejected.length > 0
      ? `Events of it from ${names(rejected)} were rejected; ${one(rejected, 'its', 'their')} structured log says why.`
      : '',
  ];
  return [parts.filter((part) => part !== '').join(' '), { ranges, advice: lost.length > 0 ? IMPORT : null }];
}

/** Numbers prove that nothing is missing only where each is that of one event. */
export function repeatedWords(coverages: readonly Coverage[], recorders: Recorders): Told | undefined {
  const chosen = coverages.filter(({ recorderId }) => (recorders.get(recorderId)?.repeated.length ?? 0) > 0);
  if (chosen.length === 0) return undefined;
  const names = chosen.slice(0, NAMED).map((coverage) => {
    const { repeated } = recorders.get(coverage.recorderId) as Recorder;
    return `${namesOf([coverage], recorders)}, sequence ${rangesText(repeated)}`;
  });
  if (chosen.length > names.length) names.push(`and ${chosen.length - names.length} more`);
  const reason = `Several events have one sequence of one recorder, so that nobody can tell whether one is missing: ${names.join('; ')}.`;
  return [reason, { advice: RECORDERS }];
}

function rangesText(sequences: Sequences): string {
  const shown = sequences.slice(0, NAMED).map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  const more = sequences.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more ranges` : shown.join(', ');
}

/** Why an execution is not over, if it is not, and what to look at. @param gone recorders seen in it that are gone */
export function unfinishedWords(
  execution: CoveredExecution,
  gone: readonly Coverage[],
  recorders: Recorders,
): Told | undefined {
  const { id, status, pending, unsettled, placeholders } = execution;
  // Whatever a record that has ended waits for has ended as well: only a circle has no end.
  const isCircle = unsettled > 0 && pending === 0;
  const parts = [
    status === 'running' ? 'it has not ended' : '',
    unsettled > 0 && !isCircle ? `${ofItsRecords(unsettled)} not settled` : '',
    placeholders > 0
      ? `${counted(placeholders, 'record')} that others mention ${placeholders === 1 ? 'is' : 'are'} not registered`
      : '',
  ].filter((part) => part !== '');
  const waits = parts.length > 0 ? [`${sentence(parts.join(', '))}: more is to come.`] : [];
  if (isCircle)
    waits.push(
      `${ofItsRecords(unsettled)} ended and never settle: by their parents they wait for each other in a circle.`,
    );
  if (waits.length === 0) return undefined;
  const mayStall = gone.length > 0 && (pending > 0 || status === 'running');
  if (mayStall)
    waits.push(
      `But ${namesOf(gone, recorders)} ${one(gone, 'is', 'are')} gone: what only ${one(gone, 'it', 'they')} could end stays as it is.`,
    );
  const list = `factflow lineage list --execution ${id}`;
  if (pending > 0)
    return [waits.join(' '), { advice: `${list} ${mayStall ? '--stalled' : '--status pending'}` }];
  if (isCircle)
    return [waits.join(' '), { advice: `${list} --completion awaiting_children,failed,cancelled` }];
  if (mayStall) return [waits.join(' '), { advice: IMPORT }];
  return [waits.join(' '), { advice: placeholders > 0 ? RECORDERS : `factflow execution wait ${id}` }];
}

const one = (chosen: readonly unknown[], singular: string, plural: string): string =>
  chosen.length === 1 ? singular : plural;
const ofItsRecords = (number: number): string => `${number} of its records ${number === 1 ? 'has' : 'have'}`;
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Which recorders an execution that is over waits for. */
export function awaitedWords(waiting: readonly Coverage[], recorders: Recorders, now: number): Told {
  const found = waiting.map(({ recorderId }) => {
    const recorder = recorders.get(recorderId);
    return {
      recorderId,
      state: recorder ? recorderStateOf(recorder, now) : 'silent',
      gaps: recorder ? gapsOf(recorder, now).count : 0,
    } as const;
  });
  type Found = (typeof found)[number];
  const of = (
    test: (recorder: Found) => boolean,
    text: (names: string, chosen: readonly Found[]) => string,
  ): string[] => {
    const chosen = found.filter(test);
    return chosen.length > 0 ? [text(namesOf(chosen, recorders), chosen)] : [];
  };
  const isOver = (state: string): boolean => state === 'gone' || state === 'closed';
  const parts = [
    ...of(
      ({ state, gaps }) => isOver(state) && gaps > 0,
      (names, all) =>
        `Events of ${names} are missing, and ${one(all, 'it is gone: its', 'they are gone: their')} spool or structured log may have them.`,
    ),
    ...of(
      ({ state, gaps }) => isOver(state) && gaps === 0,
      (names, all) =>
        `Nothing was heard of ${names} since: what ${one(all, 'it had not sent may be in its', 'they had not sent may be in their')} spool.`,
    ),
    ...of(
      ({ state }) => state === 'silent',
      (names) => `No heartbeat has come of ${names}.`,
    ),
    ...of(
      ({ state }) => state === 'alive' || state === 'stuck',
      (names) => `Not everything that ${names} had recorded when the execution ended has arrived yet.`,
    ),
  ];
  return [parts.join(' '), { advice: found.some(({ state }) => isOver(state)) ? IMPORT : RECORDERS }];
}

function namesOf(chosen: readonly { readonly recorderId: string }[], recorders: Recorders): string {
  const names = chosen.slice(0, NAMED).map(({ recorderId }) => {
    const { service, host } = recorders.get(recorderId) ?? {};
    return service ? `recorder ${recorderId} (${service} on ${host})` : `recorder ${recorderId}`;
  });
  const more = chosen.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
