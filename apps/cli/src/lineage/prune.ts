import { counted } from '@factflow/domain';
import { unanswered } from '../api';
import { EXIT } from '../cli-error';
import { command } from '../command-api';
import { printFields } from '../fields';
import { linesOf } from '../ndjson';
import { commandApp } from '../peer';
import { clearProgress, showProgress } from '../progress';
import { safeText } from '../safe-text';
import type { Action, Session } from '../session';

/** What a prune removed, or would remove. */
interface Summary {
  readonly executions: number;
  readonly records: number;
  readonly events: number;
  readonly partitions_dropped: number;
  readonly kept: { readonly running: number; readonly pinned: number };
  readonly dry_run: boolean;
}

/** How far a prune is. */
interface Progress extends Pick<Summary, 'executions' | 'records' | 'events' | 'partitions_dropped'> {
  readonly phase: 'looking' | 'removing' | 'counting';
  readonly partition: string;
  /** executions that go */
  readonly found: number;
  /** the partition is too much in use to be dropped now */
  readonly postponed: boolean;
}

/** `lineage prune`: removes whole executions, telling how far it is on stderr. */
export const pruneExecutions: Action = async (session) => {
  const summary = await readSummary(session);
  await showSummary(session, summary);
  return EXIT.fine;
};

async function readSummary(session: Session): Promise<Summary> {
  const { options, printer, settings } = session;
  const { body } = await command(session, {
    method: 'POST',
    path: 'prune',
    body: { before: options.before, dry_run: options.dryRun === true },
  });
  let summary: Summary | undefined;
  try {
    for await (const line of linesOf(body ?? [])) {
      const said = JSON.parse(line) as Summary | Progress;
      if (!('partition' in said)) summary = said;
      else if (said.postponed) {
        clearProgress(session);
        printer.remark(
          `${safeText(said.partition)} is too much in use to be dropped now; the next prune tries again.`,
        );
      } else showProgress(session, progressText(said));
    }
  } catch (cause) {
    throw unanswered(cause, commandApp(settings));
  } finally {
    clearProgress(session);
  }
  if (!summary) throw unanswered(new SyntaxError('no summary'), commandApp(settings));
  return summary;
}

const progressText = ({ phase, partition, executions, found, events }: Progress): string =>
  phase === 'looking'
    ? `${safeText(partition)}: ${counted(found, 'execution')} found`
    : `${safeText(partition)}: ${executions} of ${counted(found, 'execution')}, ${counted(events, 'event')}`;

async function showSummary({ printer, settings }: Session, summary: Summary): Promise<void> {
  if (settings.output === 'json') return printer.json(summary);
  if (settings.output === 'jsonl') return printer.jsonLine(summary);
  const { kept, dry_run: dryRun } = summary;
  await printFields(printer, [
    [dryRun ? 'would remove' : 'removed', printer.bold(counted(summary.executions, 'execution'))],
    ['records', String(summary.records)],
    ['events', String(summary.events)],
    ['partitions', `${summary.partitions_dropped} dropped`],
    ['kept running', String(kept.running)],
    ['kept pinned', String(kept.pinned)],
  ]);
}
