import {
  emptyRecord,
  evolve,
  type PayloadRef,
  type RecordEvent,
  type RecordKey,
  type RecordState,
} from '@factflow/domain';

/** An input as it was registered, and as the record said when it started. */
export interface InputPair {
  readonly field: 'input_hash' | 'input_payload';
  readonly registered: string;
  readonly started: string;
}

interface Input {
  readonly inputHash?: string;
  readonly inputPayload?: PayloadRef;
}

/** Folds the events of one record, which come in the order in which they decide: none is kept. */
export class RecordFold {
  private state: RecordState;
  private registered: Input = {};
  private started: Input = {};

  constructor(key: RecordKey) {
    this.state = emptyRecord(key);
  }

  see(event: RecordEvent): void {
    const { registration, start } = this.state;
    if (event.type === 'record.registered' && registration === null) this.registered = event.data;
    if (event.type === 'record.started' && start === null) this.started = event.data;
    this.state = evolve(this.state, event);
  }

  get result(): RecordState {
    return this.state;
  }

  /** What both have told of the input: its hash, or the key of its bytes where nothing was taken out of them. */
  get inputs(): readonly InputPair[] {
    return [
      ...pairOf('input_hash', this.registered.inputHash, this.started.inputHash),
      ...pairOf('input_payload', wholeKey(this.registered), wholeKey(this.started)),
    ];
  }
}

const wholeKey = ({ inputPayload: payload }: Input): string | undefined =>
  payload?.redacted === false ? payload.key : undefined;

const pairOf = (field: InputPair['field'], registered?: string, started?: string): InputPair[] =>
  registered === undefined || started === undefined ? [] : [{ field, registered, started }];
