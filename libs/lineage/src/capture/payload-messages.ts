import type { CapturePlace } from './capture-options';

// What the recorder tells people of payloads. Never any of their bytes, nor anything a redaction hook says of them.

const count = (payloads: number): string =>
  `${payloads.toLocaleString('en')} payload${payloads === 1 ? '' : 's'}`;

const at = ({ route, adapter }: Omit<CapturePlace, 'side'>): string => `${route}/${adapter}`;

export const wrongCall = (problem: string, place: Omit<CapturePlace, 'side'>): string =>
  `${at(place)}: ${problem}`;

export const notRedacted = (reason: string, place: CapturePlace): string =>
  `nothing is kept of the ${place.side} of ${at(place)}: ${reason}`;

export const notTaken = (kind: 'full' | 'disk', reason: string): string =>
  `payloads are not kept for now, as ${kind === 'full' ? 'there is no room' : 'the disk does not take them fast enough'}: ${reason}`;

export const unavailable = (target: string, reason: string, waiting: number): string =>
  `payloads cannot be stored at ${target}: ${reason} (${count(waiting)} waiting)`;

export const refused = (key: string, reason: string, lost: number): string =>
  `${count(lost)} not stored by the command app so far, such as ${key}: ${reason}`;

export const lost = (payloads: number, reason: string): string => `${count(payloads)} lost: ${reason}`;

export const leftInSpool = (payloads: number, folder: string): string =>
  `${count(payloads)} not stored by the command app, kept in the spool (${folder}): sent by the next recorder of this service`;
