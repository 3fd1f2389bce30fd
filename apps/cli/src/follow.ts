import { EXIT, type ExitCode } from './cli-error';
import { readPages, type Ask } from './pages';
import type { Session } from './session';

/** How often new items are asked for. */
const EVERY_MS = 1000;
/** How much later than an item of its time another one may become visible. */
const LATE_MS = 30_000;
/** Where a round of questions ends, however many items are new. */
const MAX_NEW = 100_000;

/** A list that is followed. */
export interface Followed<Item> {
  /** Asks for items, newest first. */
  readonly ask: Ask<Item>;
  /** What the list is sorted by. */
  readonly timeOf: (item: Item) => string | null;
  readonly keyOf: (item: Item) => string;
  readonly print: (item: Item) => Promise<void>;
}

/** Prints the newest items, then those that come, oldest first, until Ctrl-C. */
export async function follow<Item>({ context, options }: Session, list: Followed<Item>): Promise<ExitCode> {
  const interrupted = context.interruption();
  let printed = new Map<string, number>();
  let newest = -Infinity;
  let { items } = await readPages(list.ask, options.limit);
  while (!interrupted.aborted) {
    for (const item of [...items].reverse()) {
      const time = timeOf(list, item);
      if (printed.has(list.keyOf(item))) continue;
      printed.set(list.keyOf(item), time);
      newest = Math.max(newest, time);
      await list.print(item);
    }
    printed = new Map([...printed].filter(([, time]) => time >= newest - LATE_MS));
    await context.pause(EVERY_MS, interrupted);
    if (!interrupted.aborted) items = await since(list, newest - LATE_MS, printed);
  }
  return EXIT.fine;
}

const timeOf = <Item>(list: Followed<Item>, item: Item): number => Date.parse(list.timeOf(item) ?? '') || 0;

/** Items no older than `time`, newest first. What is older than all that was printed first is history, not new. */
async function since<Item>(
  list: Followed<Item>,
  time: number,
  printed: ReadonlyMap<string, number>,
): Promise<Item[]> {
  const oldest = Math.min(...printed.values());
  const from = Math.max(time, Number.isFinite(oldest) ? oldest : -Infinity);
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page = await list.ask({ limit: 1000, ...(cursor !== null && { cursor }) });
    const recent = page.items.filter((item) => timeOf(list, item) >= from);
    items.push(...recent);
    cursor = recent.length === page.items.length ? page.next_cursor : null;
  } while (cursor !== null && items.length < MAX_NEW);
  return items;
}
