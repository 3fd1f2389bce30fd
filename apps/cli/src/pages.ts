import { EXIT, type ExitCode } from './cli-error';
import type { Column } from './layout';
import type { Session } from './session';

/** Items, and whether more of them exist. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** What asks for a page: where it begins and how long it may be. */
export type Ask<Item> = (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Item>>;

const DEFAULT_LIMIT = 50;
const PAGE_LIMIT = 1000;

/** Follows pages until `limit` items are there or nothing follows. */
export async function readPages<Item>(ask: Ask<Item>, limit: number = DEFAULT_LIMIT): Promise<Page<Item>> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await ask({
      limit: Math.min(limit - items.length, PAGE_LIMIT),
      ...(cursor !== null && { cursor }),
    });
    for (const item of page.items) items.push(item);
    cursor = page.next_cursor;
  } while (cursor !== null && items.length < limit);
  return { items, next_cursor: cursor };
}

/** Prints a list as the output format wants it, and says when it is cut. */
export async function printPage<Item>(
  { printer, settings }: Session,
  page: Page<Item>,
  columns: () => Promise<readonly Column<Item>[]>,
  noun: string,
): Promise<ExitCode> {
  if (settings.output === 'json') await printer.json(page);
  else if (settings.output === 'jsonl') for (const item of page.items) await printer.jsonLine(item);
  else if (page.items.length === 0) printer.remark(`No ${noun} found.`);
  else {
    const { tableText } = await import('./layout');
    await printer.line(tableText(page.items, await columns(), settings.columns));
  }
  if (page.next_cursor !== null && settings.output !== 'json')
    printer.remark(cutRemark(page.items.length, noun));
  return EXIT.fine;
}

/** A bounded answer says so. */
export const cutRemark = (count: number, noun: string): string =>
  `${count === 1 ? `This is the first of the ${noun}` : `These are the first ${count} ${noun}`}; there are more: --limit ${count * 10} shows more of them.`;
