import type { TwinExecution, TwinRecord } from './lineage-twin';

/** Lines of a drawing at most. */
const MOST_LINES = 80;

/** Everything a twin knows, or some executions of it. */
export interface Drawn {
  readonly executions: readonly TwinExecution[];
  readonly records: readonly TwinRecord[];
}

/**
 * The executions as trees: every record once, under its first parent, with what became of it.
 * @param marked records that are pointed at
 */
export function draw({ executions, records }: Drawn, marked: readonly TwinRecord[] = []): string {
  const lines = executions.flatMap((execution) => [
    `execution ${execution.name ?? '(not started)'}  ${execution.completion}  ${execution.id}`,
    ...new Tree(
      records.filter(({ executionId }) => executionId === execution.id),
      new Set(marked),
    ).lines(),
  ]);
  if (lines.length === 0) return 'nothing was recorded';
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`… ${more} more lines`] : [])].join('\n');
}

class Tree {
  readonly #byParent = new Map<string | undefined, TwinRecord[]>();

  constructor(
    records: readonly TwinRecord[],
    private readonly marked: ReadonlySet<TwinRecord>,
  ) {
    const known = new Set(records.map(({ id }) => id));
    for (const record of records) {
      const parent = record.parentIds.find((id) => known.has(id) && id !== record.id);
      this.#byParent.set(parent, [...(this.#byParent.get(parent) ?? []), record]);
    }
  }

  /** Records in a circle hang from none that is drawn, and are left out. */
  lines(parent?: string, indent = ''): string[] {
    const records = this.#byParent.get(parent) ?? [];
    return records.flatMap((record, place) => {
      const last = place === records.length - 1;
      return [
        `${indent}${last ? '└─ ' : '├─ '}${this.#line(record)}`,
        ...this.lines(record.id, `${indent}${last ? '   ' : '│  '}`),
      ];
    });
  }

  #line(record: TwinRecord): string {
    const { routeId, adapterName, completion, error, parentIds, retryOf, id } = record;
    return [
      routeId === null ? 'not registered' : `${routeId}/${adapterName}`,
      completion,
      ...(this.marked.has(record) ? ['◀'] : []),
      id,
      ...(parentIds.length > 1 ? [`joins ${parentIds.length}`] : []),
      ...(retryOf === null ? [] : [`retry of ${retryOf}`]),
      ...(error === null ? [] : [`${error.class}: ${error.message}`.slice(0, 200)]),
    ].join('  ');
  }
}
