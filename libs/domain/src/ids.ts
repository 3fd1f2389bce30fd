import { v7 } from 'uuid';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A new id: UUID version 7 (RFC 9562), lower-case, so that ids sort by the time they were made. */
export const newId = (): string => v7();

/** Whether `text` is an id as the wire accepts it: 8-4-4-4-12 hex digits of any version, variant and case. */
export const isId = (text: string): boolean => UUID.test(text);

/**
 * The milliseconds since 1970 that a version 7 id carries.
 * @param id a lower-case id
 * @returns undefined for ids of any other version or variant
 */
export function timeOfId(id: string): number | undefined {
  return UUID_V7.test(id) ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}
