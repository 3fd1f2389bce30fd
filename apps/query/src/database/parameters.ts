/** Parameters of a statement while it is put together. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Adds a value and gives its place, such as `$3::uuid`. */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}
