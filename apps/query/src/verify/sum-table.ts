import {
  emptyStatistics,
  statisticsKey,
  statisticsKeyOf,
  StatisticsSum,
  type AdapterStatistics,
  type RecordState,
} from '@factflow/domain';

interface Entry {
  readonly sum: StatisticsSum;
  /** completed records that wait for children */
  waiting: number;
}

/**
 * The statistics of an execution, summed up again. What a completed record amounts to is not known when its events are
 * folded: it is counted as done, and those that are not are named later.
 */
export class SumTable {
  private readonly places = new Map<string, number>();
  private readonly entries: Entry[] = [];

  /** @param most sums that are held */
  constructor(private readonly most: number) {}

  /** Whether there were more sums than are held. */
  isCut = false;

  /** Adds a record. @returns the number of its sum; -1 when it is part of none */
  add(record: RecordState): number {
    const key = statisticsKeyOf(record);
    if (!key) return -1;
    const text = statisticsKey(key);
    let place = this.places.get(text);
    if (place === undefined) {
      if (this.entries.length >= this.most) {
        this.isCut = true;
        return -1;
      }
      place = this.entries.length;
      this.places.set(text, place);
      this.entries.push({ sum: new StatisticsSum(emptyStatistics(key)), waiting: 0 });
    }
    this.entries[place]?.sum.add(record, 1);
    return place;
  }

  /** Says that a completed record of a sum waits for children. */
  wait(place: number): void {
    const entry = this.entries[place];
    if (entry) entry.waiting += 1;
  }

  /** All sums, by the text of their keys. */
  results(): Map<string, AdapterStatistics> {
    return new Map([...this.places].map(([text, place]) => [text, resultOf(this.entries[place] as Entry)]));
  }
}

function resultOf({ sum, waiting }: Entry): AdapterStatistics {
  const result = sum.result();
  const { completions } = result;
  return {
    ...result,
    completions: {
      ...completions,
      done: completions.done - waiting,
      awaiting_children: completions.awaiting_children + waiting,
    },
  };
}
