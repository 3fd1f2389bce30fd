const UNITS = ['B', 'KiB', 'MiB', 'GiB'];

/** A number of bytes for people: `17 B`, `1.5 MiB`. */
export function bytesText(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  for (; amount >= 1024 && unit < UNITS.length - 1; unit += 1) amount /= 1024;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${UNITS[unit]}`;
}
