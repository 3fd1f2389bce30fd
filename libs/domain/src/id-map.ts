/**
 * A map by an execution and an id that is unique in it: of a record or of an event. Two levels, for a batch has few
 * executions, and joining two ids to one key costs more than a look-up.
 */
export class IdMap<Value> {
  private readonly executions = new Map<string, Map<string, Value>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(executionId: string, id: string): Value | undefined {
    return this.executions.get(executionId)?.get(id);
  }

  has(executionId: string, id: string): boolean {
    return this.executions.get(executionId)?.has(id) ?? false;
  }

  set(executionId: string, id: string, value: Value): void {
    let values = this.executions.get(executionId);
    if (!values) this.executions.set(executionId, (values = new Map()));
    const size = values.size;
    values.set(id, value);
    this.count += values.size - size;
  }

  *values(): Generator<Value> {
    for (const values of this.executions.values()) yield* values.values();
  }
}
