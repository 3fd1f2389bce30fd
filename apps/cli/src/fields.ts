import type { Printer } from './printer';
import { wrap } from './wrap';

const GAP = 2;

/** Words to be read, without colour: on a terminal lines end between them. Anything else may be there to be copied. */
export interface Prose {
  readonly prose: string;
}

/** What is shown of one thing: a name and a text that is safe to print, or lines of it; nothing is left out. */
export type Field = readonly [name: string, text: string | readonly (string | Prose)[] | null];

/** Prints fields below each other; those without a text are left out. */
export async function printFields(printer: Printer, fields: readonly Field[]): Promise<void> {
  const present = fields.filter(([, text]) => text !== null && text.length > 0);
  const width = Math.max(...present.map(([name]) => name.length));
  const room = (printer.settings.columns ?? Infinity) - width - GAP;
  for (const [name, text] of present) {
    const lines = typeof text === 'string' ? [text] : (text ?? []);
    const [first = '', ...rest] = lines.flatMap((line) => linesOf(line, room));
    await printer.line(`${printer.dim(name.padEnd(width))}  ${first}`);
    for (const line of rest) await printer.line(`${' '.repeat(width)}  ${line}`);
  }
}

const linesOf = (line: string | Prose, room: number): readonly string[] =>
  typeof line === 'string' ? [line] : wrap(line.prose, room);
