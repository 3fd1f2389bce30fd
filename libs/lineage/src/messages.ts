import type { JournalFault } from '@factflow/journal';
import type { SequenceRange } from './ranges';
import type { RejectedEvent } from './sink';

// What the recorder tells people. Never a payload.

const count = (events: number): string => `${events.toLocaleString('en')} event${events === 1 ? '' : 's'}`;

export const waiting = (timeoutMs: number, target: string, queued: number, payloads: number): string =>
  `waiting up to ${timeoutMs / 1000} s for the command app at ${target} (${count(queued)} queued${payloads > 0 ? `, ${payloads.toLocaleString('en')} payloads waiting` : ''})`;

export const unavailable = (target: string, reason: string, queued: number): string =>
  `the command app at ${target} cannot be reached: ${reason} (${count(queued)} queued)`;

/** @param unwritten those of them that are not in the log */
export const left = (events: number, unwritten: number, log: string): string => {
  const what = `${count(events)} not acknowledged by the command app`;
  if (unwritten === 0) return `${what}, given to the structured log (${log})`;
  const rest = unwritten < events ? `, the other ${events - unwritten} are there` : '';
  return `${what} and lost: ${count(unwritten)} could not be written to the structured log (${log})${rest}`;
};

export const headerRefused = (problem: string): string =>
  `a message is not gone on with: the header factflow-lineage does not say of what (${problem})`;

export const leftInSpool = (events: number, folder: string): string =>
  `${count(events)} not acknowledged by the command app, kept in the spool (${folder}): shipped by the next recorder of this service`;

export const spoolUnusable = (reason: string): string =>
  `there is no spool, events are kept in memory only: ${reason}`;

export const spoolDetour = (mode: 'backing off' | 'full', reason: string, folder: string): string =>
  `the spool (${folder}) ${mode === 'full' ? 'is full' : 'does not take events'}: ${reason}; they are kept in memory for now`;

export const checkpoint = (reason: string): string =>
  `the place in the spool could not be kept, what was answered may be sent again after a restart: ${reason}`;

export const damaged = ({ file, offset, bytes, reason }: JournalFault): string =>
  bytes > 0
    ? `${bytes} bytes of the spool skipped (${file}, from byte ${offset}): ${reason}`
    : `a part of the spool cannot be read (${file}): ${reason}`;

export const workerMissing = (file: string): string =>
  `events are shipped by the main thread: there is no ${file} (option workerFile)`;

export const workerEnded = (reason: string): string =>
  `the thread that ships ended and is started again: ${reason}`;

export const workerStuck = (inMemory: number, log: string): string =>
  `the thread that ships does not end, it may wait for a disk: ${count(inMemory)} in memory cannot be written to the structured log (${log})`;

/** @param unwritten those of them that are known not to be in the log */
export const overflow = (lost: number, unwritten: number, [from, to]: SequenceRange, log: string): string =>
  `the buffer is full: ${count(lost)} lost so far, now ${from} to ${to}, ${
    unwritten === 0 ? 'on their way' : `${count(unwritten)} of them could not be written`
  } to the structured log (${log})`;

export const rejected = (events: number, example: RejectedEvent, eventId = 'unknown'): string =>
  `${count(events)} rejected by the command app so far, such as ${eventId}: ${example.code}, ${example.message}`;

export const unlogged = (events: number, log: string, reason: string): string =>
  `${count(events)} could not be written to the structured log (${log}): ${reason}`;

export const replayAway = (reason: string): string =>
  `no work of replays can be taken from the command app: ${reason}`;

export const replayFailed = (reason: string): string =>
  `a replayed message could not be worked on: ${reason}`;
