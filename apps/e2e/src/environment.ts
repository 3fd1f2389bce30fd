/** What the programs of the stories are told, as environment variables. */
export function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** Says something to whoever started the program. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);
