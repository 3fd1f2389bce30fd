import { emptyRecord, evolve, type RecordEvent, type RecordKey, type RecordState } from '@factflow/domain';

/** Two values that should be one: what a parent registered for its child, and what the child said when it started. */
export interface InputChange {
  readonly registered: string;
  readonly started: string;
}

/** Folds the events of one record, which come in the order in which they decide: none is kept. */
export class RecordFold {
  private state: RecordState;
  private registeredHash: string | undefined;
  private startedHash: string | undefined;

  constructor(key: RecordKey) {
    this.state = emptyRecord(key);
  }

  see(event: RecordEvent): void {
    const { registration, start } = this.state;
    if (event.type === 'record.registered' && registration === null)
      this.registeredHash = event.data.inputHash;
    if (event.type === 'record.started' && start === null) this.startedHash = event.data.inputHash;
    this.state = evolve(this.state, event);
  }

  get result(): RecordState {
    return this.state;
  }

  /** The hashes of its input, when both have told one. */
  get inputs(): InputChange | undefined {
    const { registeredHash: registered, startedHash: started } = this;
    return registered === undefined || started === undefined ? undefined : { registered, started };
  }
}
