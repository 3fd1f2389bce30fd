/** Thrown for arguments that cannot be used; the message says what can. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * What was asked for by name, in the order of what there is; everything when nothing was named.
 * @param what it is, such as `row`
 * @throws {UsageError} for a name that means nothing
 */
export function namedOf<T extends { readonly name: string }>(
  what: string,
  known: readonly T[],
  names: readonly string[],
): readonly T[] {
  const unknown = names.filter((name) => !known.some((one) => one.name === name));
  if (unknown.length > 0) {
    const there = known.map(({ name }) => name).join(', ');
    throw new UsageError(`No such ${what}: ${unknown.join(', ')}. There are: ${there}.`);
  }
  return names.length === 0 ? known : known.filter(({ name }) => names.includes(name));
}
