import type { Bout } from './bout';
import { linesOf } from './bout';
import type { Author, Ledger } from './pipeline/ledger';
import type { Account, Findings } from './scenario';
import type { Lab } from './lab';

/** One import request. */
const IMPORT_LINES = 5_000;

const EVENTS_SQL = `
  SELECT count(*)::int AS events, count(DISTINCT sequence)::int AS sequences, max(sequence)::int AS highest,
    count(*) FILTER (WHERE type = 'record.registered')::int AS registered
  FROM lineage_event WHERE execution_id = $1 AND recorder_id = $2`;
const MISSING_SQL = `
  SELECT sequence::int FROM generate_series(1, $3::bigint) AS sequence
  EXCEPT SELECT sequence::int FROM lineage_event WHERE execution_id = $1 AND recorder_id = $2`;

type Written = Ledger & { readonly author: Author };

/** Holds what pipelines say against what the database and the REST API say, once everything is healed. */
export async function judge(bout: Bout, { destroyed = [] }: Findings): Promise<Account> {
  const { lab } = bout;
  const ledgers = bout.ledgers().filter((ledger): ledger is Written => ledger.author !== undefined);
  const { lost } = await toldOf(lab, ledgers);
  const imported = await importLog(lab, bout.structuredLog);
  const known = new Set(destroyed);
  const account = { returned: 0, stored: 0, duplicates: 0, unaccounted: 0 };
  const problems: string[] = [];
  for (const { author, returned } of ledgers) {
    const values = [author.executionId, author.recorderId];
    const [found] = await lab.database.query<Found>(EVENTS_SQL, values);
    const missing = await lab.database.query<{ sequence: number }>(MISSING_SQL, [...values, returned]);
    account.returned += returned;
    account.stored += returned - missing.length;
    account.duplicates += (found?.events ?? 0) - (found?.sequences ?? 0);
    account.unaccounted += missing.filter(({ sequence }) => !known.has(sequence)).length;
    // SIGKILL may come between the end of a call and the line that tells of it.
    if ((found?.highest ?? 0) > returned + 1)
      problems.push(`${found?.highest} events of recorder ${author.recorderId}, ${returned} calls`);
    problems.push(...(await rowsOf(lab, author, found?.registered ?? 0)));
  }
  if (account.unaccounted > 0)
    problems.push(`${account.unaccounted} calls returned whose events are not stored`);
  if (account.duplicates > 0) problems.push(`${account.duplicates} rows are repeats of others`);
  const told = await toldOf(lab, ledgers);
  if (told.lost > 0) problems.push(`${told.lost} events are still told to be lost after the import`);
  if (imported < lost) problems.push(`${lost} events are told to be lost, ${imported} could be imported`);
  if (told.gaps > known.size) problems.push(`GET /recorders tells of ${told.gaps} events that are missing`);
  return { ...account, lost, imported, destroyed: known.size, gaps: told.gaps, problems };
}

interface Found {
  readonly events: number;
  readonly sequences: number;
  readonly highest: number | null;
  readonly registered: number;
}

/** Whether the rows of an execution are those of its events, as REST tells. */
async function rowsOf(lab: Lab, { executionId }: Author, registered: number): Promise<string[]> {
  const execution = await get<{ counts: Record<string, number> }>(lab, `/executions/${executionId}`);
  const records = Object.values(execution?.counts ?? {}).reduce((sum, count) => sum + count, 0);
  return records === registered
    ? []
    : [`execution ${executionId} has ${records} records, ${registered} registered`];
}

/** Events that recorders gave up and nobody imported, and those that are missing otherwise, as REST tells. */
async function toldOf(lab: Lab, ledgers: readonly Written[]): Promise<{ lost: number; gaps: number }> {
  const told = { lost: 0, gaps: 0 };
  for (const { author } of ledgers) {
    const recorder = await get<{ lost: number; gaps: number }>(lab, `/recorders/${author.recorderId}`);
    told.lost += recorder?.lost ?? 0;
    told.gaps += recorder?.gaps ?? 0;
  }
  return told;
}

async function get<T>(lab: Lab, path: string): Promise<T | undefined> {
  const response = await fetch(`${lab.query.url}/api/v1${path}`, { signal: lab.signal });
  if (response.status === 404) return void (await response.arrayBuffer());
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Posts a structured log as it is. @returns how many events that brought */
async function importLog(lab: Lab, file: string): Promise<number> {
  const lines = linesOf(file);
  let accepted = 0;
  for (let at = 0; at < lines.length; at += IMPORT_LINES) {
    const response = await fetch(`${lab.command.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.slice(at, at + IMPORT_LINES).join('\n'),
      signal: lab.signal,
    });
    if (!response.ok) throw new Error(`the import was answered ${response.status}: ${await response.text()}`);
    const answer = (await response.json()) as { accepted: number; rejected: unknown[] };
    if (answer.rejected.length > 0)
      throw new Error(`imported events were rejected: ${JSON.stringify(answer.rejected[0])}`);
    accepted += answer.accepted;
  }
  return accepted;
}
