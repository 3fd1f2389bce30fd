import { createHash } from 'node:crypto';
import { invalidRequest } from '@factflow/server';

const FORM = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{22})$/;

/** Reads a key from what a cursor holds; `undefined` when it is not of the form the statement expects. */
export type KeyReader<Key> = (value: unknown) => Key | undefined;

/**
 * Cursors of one question: the key of the last item sent, with a digest that binds it to the question (route, filters,
 * order). A cursor of another question, or one that was changed, is refused before anything of it is used.
 */
export class Cursors<Key> {
  constructor(
    /** The question: JSON values, in a form that is equal for equal questions. */
    private readonly question: readonly unknown[],
    private readonly readKey: KeyReader<Key>,
  ) {}

  /** The cursor behind an item. */
  after(key: Key): string {
    const body = Buffer.from(JSON.stringify(key)).toString('base64url');
    return `${body}.${this.digest(body)}`;
  }

  /** @throws the 400 that names `cursor` */
  open(cursor: string | undefined): Key | undefined {
    if (cursor === undefined) return undefined;
    const [, body = '', digest] = FORM.exec(cursor) ?? [];
    const key = digest === this.digest(body) ? this.readKey(parse(body)) : undefined;
    if (key === undefined) {
      const message = 'must be the next_cursor of an earlier answer to the same question, unchanged';
      throw invalidRequest([{ field: 'cursor', message }]);
    }
    return key;
  }

  private digest(body: string): string {
    const hash = createHash('sha256').update(JSON.stringify(this.question)).update('\0').update(body);
    return hash.digest('base64url').slice(0, 22);
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** Cuts what was read with one row more than asked for, and tells whether there is more. */
export function cutPage<Item>(
  items: readonly Item[],
  limit: number,
  cursorAfter: (last: Item) => string,
): { items: Item[]; next_cursor: string | null } {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { items: page, next_cursor: items.length > limit && last ? cursorAfter(last) : null };
}

const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Whether `value` is a time as rows have them: milliseconds since 1970, up to the year 9999. */
export const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= LAST_TIME;
