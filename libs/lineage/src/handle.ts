/** What is common to the handles of records: their ids are as they must be, and need not be looked at again. */
export class Handle {
  readonly #own = true;

  constructor(
    readonly id: string,
    readonly executionId: string,
  ) {}

  /** Tells a handle of ours from an object that only looks like one, without touching what may throw. */
  static is(value: unknown): value is Handle {
    return typeof value === 'object' && value !== null && #own in value && value.#own;
  }
}
