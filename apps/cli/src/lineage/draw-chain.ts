import { counted } from '@factflow/domain';
import stringWidth from 'string-width';
import { fit } from '../layout';
import type { Printer } from '../printer';
import { safeText } from '../safe-text';
import { tookText } from '../time';
import { MAX_LEVELS, rowsOf, type TreeRow, type Trunk } from './chain-rows';
import { countsText } from './counts';
import type { ReadChain } from './read-chain';
import { conflictText, errorText, placeOf } from './show-records';

const MARK = '◀ this record';
/** between the parts of a row */
const GAP = '  ';
/** The narrowest that parts are cut to. */
const LEAST = 8;

/** A chain as the lines of a tree: ancestors down to the record, the record marked, then its descendants. */
export function* drawChain(
  chain: ReadChain,
  printer: Printer,
  { fold }: { readonly fold: boolean },
): Generator<string> {
  const width = printer.settings.columns ?? Infinity;
  for (const row of rowsOf(chain, fold)) {
    const prefix = branch(row.trunk, width);
    const below = continuation(row, width);
    const [first, ...rest] = laidOut(partsOf(row, printer), width - prefix.length, width - below.length);
    yield printer.dim(prefix) + (first ?? '');
    for (const line of rest) yield printer.dim(below) + line;
    const { error, cancel_reason: reason } = row.node.record;
    const text =
      row.kind !== 'record' ? '' : errorText(error) || (reason === null ? '' : `reason: ${safeText(reason)}`);
    if (text !== '') {
      const cut = fit(text, Math.max(10, width - below.length));
      yield printer.dim(below) + (error ? printer.red(cut) : cut);
    }
  }
}

interface Part {
  readonly text: string;
  readonly paint?: (text: string) => string;
  /** an id: to be copied, so it is never cut */
  readonly isId?: boolean;
}

/** What a row says, most important first. */
function partsOf(row: TreeRow, printer: Printer): Part[] {
  const { node, kind, folded, below } = row;
  const { record } = node;
  if (kind === 'folded') {
    const rest =
      below.records === 0
        ? ''
        : ` (and ${counted(below.records, 'record')} below them${failedOf(below.failed)})`;
    return [
      {
        text: `… ${folded.length} more ${adapterOf(row)} record${folded.length === 1 ? '' : 's'}: ${plainCounts(row)}${rest}`,
        paint: printer.dim,
      },
    ];
  }
  const name: Part = { text: placeOf(record), paint: node.self ? printer.bold : undefined };
  if (kind === 'again') {
    return [
      name,
      { text: '↳ joined, see above', paint: printer.dim },
      { text: record.id, paint: printer.dim, isId: true },
    ];
  }
  const { completion, pending_children: waits } = record;
  const awaiting = completion === 'awaiting_children' ? ` (${waits} not settled)` : '';
  const took = tookText(record.started_at, record.completed_at);
  const parts: Part[] = [
    name,
    { text: completion + awaiting, paint: (text) => printer.outcome(text, completion) },
    { text: record.stalled ? 'stalled' : '', paint: printer.yellow },
    { text: node.self ? MARK : '', paint: printer.bold },
    { text: record.id, paint: printer.dim, isId: true },
    { text: record.conflicts > 0 ? `! ${conflictText(record.conflicts)}` : '', paint: printer.yellow },
    { text: record.retry_of === null ? '' : 'retry' },
    { text: took === '-' ? '' : took, paint: printer.dim },
  ];
  return parts.filter(({ text }) => text !== '');
}

const adapterOf = ({ node }: TreeRow): string =>
  node.record.adapter_name === null ? 'unregistered' : safeText(node.record.adapter_name);

const failedOf = (failed: number): string => (failed === 0 ? '' : `, ${failed} failed`);

const plainCounts = ({ folded }: TreeRow): string => countsText(folded.map(({ record }) => record));

/**
 * A row as one line, or, where it is too narrow for the id to stand in it whole, as two: the id and what follows it below.
 * What follows the id is left out first.
 */
function laidOut(parts: readonly Part[], width: number, widthBelow: number): string[] {
  const at = parts.findIndex(({ isId }) => isId);
  const withId = parts.slice(0, at + 1).map(({ text }) => text);
  if (at < 0 || stringWidth(withId.join(GAP)) <= width) return [colored(parts, width)];
  const id = parts[at] as Part;
  const left = widthBelow - id.text.length - GAP.length;
  const following = left < LEAST ? '' : colored(parts.slice(at + 1), left);
  const painted = id.paint ? id.paint(id.text) : id.text;
  const head = colored(shortened(parts.slice(0, at), width), width);
  return [head, following === '' ? painted : `${painted}${GAP}${following}`];
}

/** The first part cut so far that the others can stand beside it. */
function shortened([name, ...others]: readonly Part[], width: number): Part[] {
  if (!name) return [];
  const left = width - others.reduce((sum, { text }) => sum + GAP.length + stringWidth(text), 0);
  return [{ ...name, text: fit(name.text, Math.max(LEAST, left)) }, ...others];
}

/** Parts side by side, cut to a width, then coloured. */
function colored(parts: readonly Part[], width: number): string {
  let left = Math.max(LEAST, width);
  const texts: string[] = [];
  for (const { text, paint } of parts) {
    const cut = fit(text, left);
    texts.push(paint ? paint(cut) : cut);
    if (cut !== text) break;
    left -= stringWidth(text) + GAP.length;
    if (left < 4) break;
  }
  return texts.join(GAP);
}

const levelsFor = (width: number): number => Math.max(2, Math.min(MAX_LEVELS, Math.floor(width / 9)));

/** The branch a row hangs on. Below the deepest level drawn, its level is told instead. */
function branch(trunk: Trunk | undefined, width: number): string {
  if (!trunk) return '';
  const most = levelsFor(width);
  if (trunk.level > most) return `${lines(at(trunk, most))}┄ ${trunk.level} ┄ `;
  return `${lines(trunk.above)}${trunk.last ? '└─ ' : '├─ '}`;
}

/** What stands before the text below a row. */
function continuation({ trunk, hasChildren }: TreeRow, width: number): string {
  const most = levelsFor(width);
  const own = hasChildren && (trunk?.level ?? 0) < most ? '│  ' : '   ';
  return lines(trunk && trunk.level > most ? at(trunk, most) : trunk) + own;
}

function at(trunk: Trunk, level: number): Trunk {
  let found = trunk.anchor ?? trunk;
  while (found.level > level && found.above) found = found.above;
  return found;
}

function lines(trunk: Trunk | undefined): string {
  let text = '';
  for (let each = trunk; each; each = each.above) text = (each.last ? '   ' : '│  ') + text;
  return text;
}
