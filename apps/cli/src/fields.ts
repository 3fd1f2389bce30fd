import type { Printer } from './printer';

/** What is shown of one thing: a name and a text that is safe to print, or lines of it; nothing is left out. */
export type Field = readonly [name: string, text: string | readonly string[] | null];

/** Prints fields below each other; those without a text are left out. */
export async function printFields(printer: Printer, fields: readonly Field[]): Promise<void> {
  const present = fields.filter(([, text]) => text !== null && text.length > 0);
  const width = Math.max(...present.map(([name]) => name.length));
  for (const [name, text] of present) {
    const [first = '', ...rest] = typeof text === 'string' ? [text] : (text ?? []);
    await printer.line(`${printer.dim(name.padEnd(width))}  ${first}`);
    for (const line of rest) await printer.line(`${' '.repeat(width)}  ${line}`);
  }
}
