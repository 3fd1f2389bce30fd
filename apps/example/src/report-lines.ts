import type { RecorderStatus } from '@factflow/lineage';
import { dirname } from 'node:path';
import { ranked, type Summary } from './summary';

const LICENCES_SHOWN = 5;
/** What one request to the command app may hold. */
const EVENTS_PER_REQUEST = 10_000;

const number = (count: number): string => count.toLocaleString('en');
const plural = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
/** Licences are named by other people: control characters stay out of the terminal. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?').slice(0, 60);

/** What was audited, and what failed by reason. */
export function summaryLines({ packages, fine, licences, findings }: Summary, seconds: number): string[] {
  const shown = ranked(licences, (count) => count).slice(0, LICENCES_SHOWN);
  const rest = Object.keys(licences).length - shown.length;
  const found = packages - fine;
  return [
    `Audited ${plural(packages, 'package')} in ${seconds.toFixed(1)} s: ${number(fine)} fine, ${plural(found, 'finding')}.`,
    ...ranked(findings, ({ count }) => count).map(
      ([reason, { count }]) => `  ${number(count).padStart(6)}  ${reason}`,
    ),
    ...(shown.length === 0
      ? []
      : [
          `Licences: ${shown.map(([name, count]) => `${printable(name)} ${number(count)}`).join(', ')}${rest > 0 ? `, ${rest} others` : ''}`,
        ]),
  ];
}

/** What became of the events: with how to bring back those that did not arrive. */
export function lineageLines(status: RecorderStatus): string[] {
  const { acknowledged, rejected, queued, lost, unlogged, structuredLog, spoolFolder, target } = status;
  return [
    `Lineage: ${plural(acknowledged, 'event')} acknowledged by ${target ?? 'nobody'}, ${number(rejected)} rejected, ${number(queued + lost)} not delivered.`,
    ...(queued > 0 && spoolFolder !== null
      ? [
          `${plural(queued, 'event')} stay in the spool (${dirname(spoolFolder)}), for the next run to deliver.`,
        ]
      : []),
    ...(lost > unlogged ? bringBack(structuredLog, lost, target ?? '') : []),
    ...(unlogged > 0 ? [`${plural(unlogged, 'event')} could not even be written to ${structuredLog}.`] : []),
  ];
}

function bringBack(file: string, events: number, target: string): string[] {
  const post = (source: string): string =>
    `curl -H 'content-type: application/x-ndjson' --data-binary ${source} '${target}/api/v1/events'`;
  const quoted = `'${file.replaceAll("'", String.raw`'\''`)}'`;
  return [
    `What was not delivered is in ${file}. Once the command app is back:`,
    events > EVENTS_PER_REQUEST
      ? `  split -l 5000 --filter="${post('@-')}" ${quoted}`
      : `  ${post(`@${quoted}`)}`,
  ];
}
