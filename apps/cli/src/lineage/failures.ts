import { counted } from '@factflow/domain';
import type { FailureGroups } from '@factflow/client';
import { EXIT, usageError, type ExitCode } from '../cli-error';
import type { Action, Session } from '../session';
import { showRecords } from './list';
import { filtersOf } from './show-records';

const DEFAULT_LIMIT = 50;
/** Groups of an answer; there are no pages of them. */
const MOST = 1000;

/** `lineage failures`: failed records, the latest failure first, or what went wrong and how often. */
export const listFailures: Action = (session) => {
  const { group, follow } = session.options;
  if (!group) return showRecords(session, '/api/v1/lineage/failures');
  if (follow) throw usageError('--follow prints records as they fail: it cannot go with --group.');
  return showGroups(session);
};

async function showGroups(session: Session): Promise<ExitCode> {
  const { api, options, printer, settings } = session;
  const limit = Math.min(options.limit ?? DEFAULT_LIMIT, MOST);
  const found = await api.ask<FailureGroups>((client) =>
    client.GET('/api/v1/lineage/failures', {
      params: { query: { ...filtersOf(options), group: true, limit } },
    }),
  );
  if (settings.output === 'json') {
    await printer.json(found);
    return EXIT.fine;
  }
  if (settings.output === 'jsonl') for (const group of found.groups) await printer.jsonLine(group);
  else await (await import('./print-failure-groups')).printFailureGroups(session, found);
  for (const remark of remarksOn(found)) printer.remark(remark);
  return EXIT.fine;
}

/** A bounded answer says so. */
function remarksOn({ groups, total_groups: total, failures, ungrouped, truncated }: FailureGroups): string[] {
  const shown = groups.length;
  return [
    ...(total > shown
      ? [
          `${shown === 1 ? 'This is the first' : `These are the first ${shown}`} of ${total} groups` +
            (shown < MOST ? ': --limit shows more of them.' : '; no more are shown: filters narrow it.'),
        ]
      : []),
    ...(ungrouped > 0
      ? [
          `${counted(ungrouped, 'failure')} ${ungrouped === 1 ? 'is' : 'are'} in none of the ${counted(total, 'group')}: there were too many.`,
        ]
      : []),
    ...(truncated
      ? [`Only the latest ${failures} failures were looked at: --execution, --after and --before narrow it.`]
      : []),
  ];
}
