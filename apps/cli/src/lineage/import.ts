import { counted } from '@factflow/domain';
import { CliError, EXIT } from '../cli-error';
import { printFields, type Field } from '../fields';
import { findSources } from '../import/find-sources';
import { ImportRun } from '../import/import-run';
import { reportRecorders } from '../import/report-recorders';
import { RejectedFile } from '../import/rejected-file';
import { sendPayloads } from '../import/send-payloads';
import { Tally } from '../import/tally';
import { clearProgress } from '../progress';
import { safeText } from '../safe-text';
import type { Action, Session } from '../session';

/**
 * `lineage import`: sends what is in spools, structured logs and files of rejected events. The checkpoint of a spool is
 * left alone: it says what some command app has stored, which need not be this one.
 */
export const importFiles: Action = async (session, _id, files) => {
  const rejectedFile = new RejectedFile(session.options.rejected);
  const { sources, payloads } = await findSources(session, files);
  const tally = new Tally();
  const run = new ImportRun(session, sources, tally, rejectedFile);
  try {
    await run.run();
    // Records name them: events go first.
    await sendPayloads(session, payloads, tally);
  } catch (error) {
    throw stoppedAt(tally, error);
  } finally {
    clearProgress(session);
    await rejectedFile.close();
  }
  const spools = new Set(
    sources.flatMap(({ spool }) => (spool && !run.incomplete.has(spool) ? [spool] : [])),
  );
  await reportRecorders(session, spools, tally);
  await showSummary(session, tally);
  return tally.rejected + tally.skipped + tally.payloads.refused > 0 ? EXIT.failed : EXIT.fine;
};

/** Tells how far it got, along with what went wrong. */
function stoppedAt({ read, inserted, duplicates, rejected }: Tally, error: unknown): unknown {
  if (!(error instanceof CliError)) return error;
  const { exitCode, message, more } = error;
  const far =
    read === 0
      ? 'Nothing was acknowledged.'
      : `Until then ${counted(read, 'event')}: ${inserted} inserted, ${counted(duplicates, 'duplicate')}, ${rejected} rejected.`;
  const meaning = [
    ...(more.meaning ?? []),
    `${far} Importing again is safe: what is stored counts as a duplicate.`,
  ];
  return new CliError(exitCode, message, { ...more, meaning });
}

async function showSummary({ printer, settings }: Session, tally: Tally): Promise<void> {
  const { read, inserted, duplicates, rejected, skipped, rejections, skips, payloads, refusals } = tally;
  const summary = {
    read,
    inserted,
    duplicates,
    rejected,
    skipped,
    rejections: rejections.map(({ event: { file, line, eventId }, code, message }) => ({
      file,
      line,
      event_id: eventId,
      code,
      message,
    })),
    skips,
    payloads: { ...payloads, refusals },
  };
  if (settings.output === 'json') return printer.json(summary);
  if (settings.output === 'jsonl') return printer.jsonLine(summary);
  const reasons = summary.rejections.map(
    ({ file, line, event_id: id, code, message }) => `${file}:${line}  ${id ?? '-'}  ${code}  ${message}`,
  );
  const places = skips.map(({ file, line, reason }) => `${file}:${line}  ${reason}`);
  await printFields(printer, [
    ['read', printer.bold(counted(read, 'event'))],
    ['inserted', String(inserted)],
    ['duplicates', String(duplicates)],
    ['rejected', [String(rejected), ...told(reasons, rejected)]],
    ['skipped', [counted(skipped, 'line'), ...told(places, skipped)]],
    ...(payloads.stored + payloads.present + payloads.refused > 0 ? [payloadField(payloads, refusals)] : []),
  ]);
}

function payloadField({ stored, present, refused }: Tally['payloads'], refusals: Tally['refusals']): Field {
  const reasons = refusals.map(({ file, reason }) => `${file}  ${reason}`);
  return [
    'payloads',
    [`${stored} stored, ${present} there already, ${refused} refused`, ...told(reasons, refused)],
  ];
}

/** Those of many that are told one by one, safe to print. */
const told = (lines: readonly string[], of: number): string[] => [
  ...lines.map(safeText),
  ...(of > lines.length ? [`and ${of - lines.length} more`] : []),
];
