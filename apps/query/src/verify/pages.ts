/** Bytes of text that a page should have. */
const PAGE_BYTES = 1024 * 1024;
const FIRST_ROWS = 500;
const MOST_ROWS = 1000;
const FEWEST_ROWS = 20;

/** Rows that are read page by page in an order of their own; one page is held. */
export class Pages<Row> {
  private page: readonly Row[] = [];
  private at = 0;
  private isLast = false;
  private limit = FIRST_ROWS;

  /**
   * @param read the rows after one, at most `limit`
   * @param bytesOf how much text a row holds: where rows are large, pages have fewer
   */
  constructor(
    private readonly read: (after: Row | undefined, limit: number) => Promise<readonly Row[]>,
    private readonly bytesOf: (row: Row) => number,
  ) {}

  /** The row it has come to; undefined when none is left, or the next page has not been read. */
  get current(): Row | undefined {
    return this.page[this.at];
  }

  /** Whether the next page has to be read, if there is one. */
  get isUsedUp(): boolean {
    return this.at >= this.page.length && !this.isLast;
  }

  advance(): void {
    this.at += 1;
  }

  /** Reads the next page. */
  async turn(): Promise<void> {
    const rows = await this.read(this.page.at(-1), this.limit);
    this.isLast = rows.length < this.limit;
    this.page = rows;
    this.at = 0;
    const bytes = rows.reduce((sum, row) => sum + this.bytesOf(row), 1);
    const fitting = Math.floor((rows.length * PAGE_BYTES) / bytes);
    this.limit = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, fitting));
  }
}

/** All rows, one after another. */
export async function* rowsOf<Row>(pages: Pages<Row>): AsyncGenerator<Row, void, undefined> {
  for (;;) {
    if (pages.isUsedUp) await pages.turn();
    const row = pages.current;
    if (row === undefined) return;
    yield row;
    pages.advance();
  }
}

/** Characters of a row of texts. */
export const textBytes = (row: readonly (string | null)[]): number =>
  row.reduce((sum, text) => sum + (text?.length ?? 0), 0);
