/** A count and what is counted, such as `1 record` or `2 records`. @param noun in the singular, of those that take an s */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
