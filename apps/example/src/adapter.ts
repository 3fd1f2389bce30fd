/** One processing step of a lane. It fails by throwing. */
export interface Adapter<Input, Output> {
  /** the adapter's name in records */
  readonly name: string;
  process(input: Input): Promise<Output>;
}
