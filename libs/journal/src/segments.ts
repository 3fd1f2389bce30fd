import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^(\d{8,15})\.ndjson$/;

/** The file of a segment: its number, in eight digits or more. */
export const segmentPath = (folder: string, segment: number): string =>
  join(folder, `${String(segment).padStart(8, '0')}.ndjson`);

/** Numbers of the segments in a folder, ascending; none when the folder cannot be read. */
export function listSegments(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .map((name) => Number(NAME.exec(name)?.[1] ?? NaN))
    .filter((segment) => !Number.isNaN(segment))
    .sort((a, b) => a - b);
}

/** Removes the segments before one, as far as that is possible. */
export function removeSegmentsBefore(folder: string, segment: number): void {
  for (const each of listSegments(folder)) {
    if (each >= segment) return;
    try {
      unlinkSync(segmentPath(folder, each));
    } catch {
      // Somebody else may have removed it; what stays is read again one day, and known by then.
    }
  }
}
