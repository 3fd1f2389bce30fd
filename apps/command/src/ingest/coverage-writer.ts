import { ArrivedSequences } from '@factflow/store';

/** Writes what has arrived, in a transaction of its own. */
export type WriteCoverage = (arrived: ArrivedSequences) => Promise<void>;

interface Gathering {
  readonly arrived: ArrivedSequences;
  readonly written: Promise<void>;
}

/** One write at a time: while it is under way, what requests have to tell gathers and then shares the next. */
export class CoverageWriter {
  private atWork: Promise<void> = Promise.resolve();
  private gathering: Gathering | undefined;

  constructor(private readonly write: WriteCoverage) {}

  /** Resolves after commit. @throws when it cannot be written: sending the request again makes up for it */
  add(arrived: ArrivedSequences): Promise<void> {
    if (arrived.isEmpty) return Promise.resolve();
    if (this.gathering) {
      this.gathering.arrived.addAll(arrived);
      return this.gathering.written;
    }
    const gathering: Gathering = {
      arrived,
      written: this.atWork.then(() => {
        this.gathering = undefined;
        return this.write(gathering.arrived);
      }),
    };
    this.gathering = gathering;
    this.atWork = gathering.written.catch(() => undefined);
    return gathering.written;
  }
}
