import { counted } from '@factflow/domain';
import type { VerifyFinding, VerifyProgress, VerifySummary } from '@factflow/client';
import { unanswered } from '../api';
import { EXIT } from '../cli-error';
import { printFields } from '../fields';
import { linesOf } from '../ndjson';
import { queryApp } from '../peer';
import { clearProgress, showProgress } from '../progress';
import { safeText } from '../safe-text';
import type { Action, Session } from '../session';

type Line = VerifyFinding | VerifyProgress | VerifySummary;

/** `lineage verify`: holds what is stored against the events. Exit code 1: something differs, or could not be checked. */
export const verifyLineage: Action = async (session) => {
  const { printer, settings } = session;
  const told: VerifyFinding[] = [];
  let summary: VerifySummary | undefined;
  try {
    for await (const line of streamVerification(session)) {
      if (line.type === 'progress') showProgress(session, progressText(line));
      else if (line.type === 'summary') summary = line;
      else if (settings.output === 'json') told.push(line);
      else {
        clearProgress(session);
        await (settings.output === 'jsonl' ? printer.jsonLine(line) : printFinding(session, line));
      }
    }
  } finally {
    clearProgress(session);
  }
  if (!summary) throw unanswered(new TypeError('the answer ends without a summary'), queryApp(settings));
  if (settings.output === 'json') await printer.json({ ...summary, told });
  else if (settings.output === 'jsonl') await printer.jsonLine(summary);
  else await printSummary(session, summary);
  // What could not be checked is not known to be right.
  return summary.differences > 0 || summary.unchecked.length > 0 ? EXIT.failed : EXIT.fine;
};

async function* streamVerification(session: Session): AsyncGenerator<Line, void, undefined> {
  const { api, options, settings } = session;
  const body = await api.ask<AsyncIterable<Uint8Array>>((client) =>
    client.GET('/api/v1/lineage/verify', {
      params: {
        query: {
          execution_id: options.execution,
          limit: options.limit,
          ...(options.payloads === false && { payloads: false }),
        },
      },
      parseAs: 'stream',
    }),
  );
  try {
    for await (const line of linesOf(body)) yield JSON.parse(line) as Line;
  } catch (cause) {
    throw unanswered(cause, queryApp(settings));
  }
}

const progressText = ({ checked, differences }: VerifyProgress): string =>
  [
    counted(checked.executions, 'execution'),
    counted(checked.records, 'record'),
    `${counted(checked.events, 'event')} checked`,
    counted(differences, 'difference'),
  ].join(', ');

/** What differs, what it means, and what to type next. */
async function printFinding({ printer }: Session, finding: VerifyFinding): Promise<void> {
  const { difference, kind, field, stored, expected } = finding;
  const title = `${kind.replaceAll('_', ' ')}${field === null ? '' : `: ${safeText(field)}`}`;
  await printer.line(`${difference ? printer.red(title) : printer.yellow(title)}  ${subjectOf(finding)}`);
  if (stored !== null || expected !== null)
    await printer.line(`   stored ${valueText(stored)}, expected ${valueText(expected)}`);
  await printer.line(`   ${safeText(finding.message)}`);
  if (finding.advice !== null) await printer.line(`   ${printer.dim('→')} ${safeText(finding.advice)}`);
}

const valueText = (value: string | null): string => (value === null ? 'nothing' : safeText(value));

/** What a finding is about, by its ids. */
function subjectOf(finding: VerifyFinding): string {
  const parts = [
    ['record', finding.record_id],
    ['parent', finding.parent_id],
    ['event', finding.event_id],
    ['payload', finding.key],
    ['recorder', finding.recorder_id],
    ['adapter', finding.adapter_name && `${finding.route_id}/${finding.adapter_name}`],
    ['execution', finding.execution_id],
  ] as const;
  return parts.flatMap(([name, value]) => (value ? [`${name} ${safeText(value)}`] : [])).join('  ');
}

const CHECKED: readonly (readonly [name: keyof VerifySummary['checked'], text: string])[] = [
  ['executions', 'executions'],
  ['events', 'events folded'],
  ['records', 'rows of records'],
  ['counters', 'counters recounted'],
  ['joins', 'joins'],
  ['statistics', 'statistics summed up'],
  ['inputs', 'inputs compared'],
  ['payloads', 'payloads read'],
  ['recorders', 'recorders for gaps'],
  ['recorders_compared', 'recorders against the log'],
];

async function printSummary({ printer }: Session, summary: VerifySummary): Promise<void> {
  const { checked, differences, findings, unchecked } = summary;
  const left = (count: number, what: string): string => (count > 0 ? `, ${count} ${what} left out` : '');
  const leftOut: Partial<Record<keyof VerifySummary['checked'], string>> = {
    executions: left(checked.pruned, 'pruned'),
    recorders_compared: left(checked.recorders_pruned, 'seen in pruned executions'),
  };
  await printFields(printer, [
    ...CHECKED.filter(([name]) => name !== 'recorders_compared' || summary.execution_id === null).map(
      ([name, text]) => [text, `${checked[name]}${leftOut[name] ?? ''}`] as const,
    ),
    ...findings.map(({ kind, found, told }) => {
      const cut = told < found ? `, ${told} of them told` : '';
      return [kind.replaceAll('_', ' '), printer.bold(`${found}${cut}`)] as const;
    }),
    ['differences', differences > 0 ? printer.red(String(differences)) : printer.outcome('none', 'done')],
    ['not checked', unchecked.map(safeText)],
    [
      'not looked for',
      summary.execution_id === null ? [] : ['events deleted from the log: verify all for that'],
    ],
  ]);
}
