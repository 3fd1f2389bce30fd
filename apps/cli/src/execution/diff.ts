import type { DiffRow, DiffSummary } from '@factflow/client';
import { unanswered } from '../api';
import { EXIT, usageError, type ExitCode } from '../cli-error';
import { linesOf } from '../ndjson';
import { cutRemark } from '../pages';
import { queryApp } from '../peer';
import type { Action, Session } from '../session';
import { printDiff } from './print-diff';

const DEFAULT_LIMIT = 50;

/** A comparison with the rows that were asked for. */
export interface ReadDiff {
  readonly summary: DiffSummary;
  readonly rows: readonly DiffRow[];
  /** whether there are more rows */
  readonly more: boolean;
}

/** `execution diff`: what became of the messages of one execution in another. */
export const diffExecutions: Action = (session, a, [b]) => {
  if (b === undefined) throw usageError('A diff takes two executions.');
  return showDiff(session, a, b);
};

/**
 * Prints what became of the messages of `a` in `b`: totals, then rows, the worst first.
 * @returns failed where b is worse, or has not ended: then nothing is proved
 */
export async function showDiff(session: Session, a: string, b: string): Promise<ExitCode> {
  const { printer, settings } = session;
  const diff = await readDiff(session, a, b);
  const { summary, rows, more } = diff;
  if (settings.output === 'json') await printer.json({ ...summary, items: rows, more });
  else if (settings.output === 'jsonl') {
    await printer.jsonLine(summary);
    for (const row of rows) await printer.jsonLine(row);
  } else await printDiff(session, diff);
  if (more && settings.output !== 'json') printer.remark(cutRemark(rows.length, 'messages'));
  return summary.worse || !summary.finished ? EXIT.failed : EXIT.fine;
}

/** Reads the stream of a comparison as far as rows are wanted: it is made once, however many they are. */
async function readDiff(session: Session, a: string, b: string): Promise<ReadDiff> {
  const { api, options, settings } = session;
  const limit = options.limit ?? DEFAULT_LIMIT;
  const body = await api.ask<AsyncIterable<Uint8Array>>((client) =>
    client.GET('/api/v1/executions/{a}/diff/{b}', {
      params: { path: { a, b }, query: { class: options.class as never } },
      headers: { accept: 'application/x-ndjson' },
      parseAs: 'stream',
    }),
  );
  let summary: DiffSummary | undefined;
  const rows: DiffRow[] = [];
  let more = false;
  try {
    for await (const line of linesOf(body)) {
      const part = JSON.parse(line) as DiffSummary | DiffRow;
      if ('totals' in part) summary = part;
      else if (rows.length < limit) rows.push(part);
      else {
        more = true;
        break;
      }
    }
  } catch (cause) {
    throw unanswered(cause, queryApp(settings));
  }
  if (!summary) throw unanswered(new SyntaxError('no summary'), queryApp(settings));
  return { summary, rows, more };
}
