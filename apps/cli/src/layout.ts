import Table from 'cli-table3';
import stringWidth from 'string-width';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** What stands in it: safe to print, without colour. */
  readonly text: (row: Row) => string;
  readonly color?: (text: string, row: Row) => string;
  /** How narrow it may become; not at all unless given. */
  readonly least?: number;
  /** Left out where nothing stands in it, and where the terminal is narrow: the highest first. */
  readonly optional?: number;
  readonly align?: 'right';
}

const GAP = 2;
const ELLIPSIS = '…';
const GRAPHEMES = new Intl.Segmenter();

/** Text cut to a width in terminal cells, with a mark where it was cut. */
export function fit(text: string, width: number): string {
  if (text.length <= width / 2 || stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    used += stringWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return kept + ELLIPSIS;
}

/** Rows under their titles, as lines that are at most `width` cells wide where that can be. */
export function tableText<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number | undefined,
): string {
  const natural = new Map(
    columns
      .filter((column) => column.optional === undefined || rows.some((row) => column.text(row) !== ''))
      .map((column) => [
        column,
        Math.max(stringWidth(column.title), ...rows.map((row) => stringWidth(column.text(row)))),
      ]),
  );
  const widths = fitColumns(natural, width ?? Infinity);
  const shown = [...widths.keys()];
  const table = new Table({
    head: shown.map((column) => fit(column.title, widths.get(column) ?? 0)),
    colWidths: shown.map((column) => (widths.get(column) ?? 0) + GAP),
    colAligns: shown.map(({ align }) => align ?? 'left'),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
  });
  for (const row of rows) {
    table.push(
      shown.map((column) => {
        const text = fit(column.text(row), widths.get(column) ?? 0);
        return column.color ? column.color(text, row) : text;
      }),
    );
  }
  const lines = table.toString().split('\n');
  return lines.map((line) => line.trimEnd()).join('\n');
}

const NO_LINES = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, '']),
);

/** Leaves out optional columns, then narrows the widest that may be, until all fit. */
function fitColumns<Row>(natural: Map<Column<Row>, number>, width: number): Map<Column<Row>, number> {
  const widths = new Map(natural);
  const excess = (): number => [...widths.values()].reduce((sum, each) => sum + each + GAP, -GAP) - width;
  const narrowed = (): number =>
    [...widths].reduce((sum, [column, each]) => sum + Math.max(0, each - (column.least ?? each)), 0);
  const optional = [...widths.keys()]
    .filter((column) => column.optional !== undefined)
    .sort((a, b) => (b.optional ?? 0) - (a.optional ?? 0));
  for (const column of optional) {
    if (excess() <= narrowed()) break;
    widths.delete(column);
  }
  while (excess() > 0) {
    const [widest] = [...widths]
      .filter(([column, each]) => each > (column.least ?? each))
      .sort(([, a], [, b]) => b - a);
    if (!widest) break;
    widths.set(widest[0], widest[1] - 1);
  }
  return widths;
}
