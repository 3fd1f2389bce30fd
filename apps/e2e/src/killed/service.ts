import { createLineageRecorder, type LineageRecord } from '@factflow/lineage';
import { writeSync } from 'node:fs';

// A service whose process dies. HOW:
//   start     starts an execution, registers a record for another process, tells both, and ends
//   answered  leaves one record pending in an execution of its own, tells both once everything was answered, and dies
//   memory    goes on with the record of HEADERS, fills its spool, fails a second attempt, tells its recorder, and dies
//   idle      records nothing
const { ENDPOINT = '', SPOOL = '', HOW, HEADERS = '{}' } = process.env;
const lineage = createLineageRecorder({
  endpoint: ENDPOINT,
  service: HOW === 'start' ? 'before' : 'killed',
  spoolDirectory: SPOOL,
  spool: HOW === 'memory' ? { maxBytes: 20_000 } : {},
  structuredLog: `${SPOOL}/structured.ndjson`,
  retry: { initialDelayMs: 10, maxDelayMs: 100 },
});
const { recorderId } = lineage.status();
const AT = { route: 'documents', adapter: 'chunker' };
const tell = (what: object): void => void writeSync(1, `told ${JSON.stringify({ recorderId, ...what })}\n`);
const die = (): boolean => process.kill(process.pid, 'SIGKILL');

async function start(): Promise<void> {
  const execution = lineage.startExecution({ name: 'killed' });
  const record = execution.register({ ...AT, input: 'a message' });
  execution.complete();
  await lineage.close();
  tell({ executionId: execution.id, headers: record.headers() });
}

async function answered(): Promise<void> {
  const execution = lineage.startExecution({ name: 'killed' });
  const whole = lineage.startExecution({ name: 'whole' });
  for (const each of [whole, execution]) {
    const record = each.register(AT);
    record.start();
    record.complete();
  }
  const pending = execution.register(AT);
  pending.start();
  for (const each of [whole, execution]) each.complete();
  await lineage.flush();
  tell({ executionId: execution.id, wholeId: whole.id, pendingId: pending.id });
  die();
}

function memory(): void {
  const headers: unknown = JSON.parse(HEADERS);
  const resume = (attempt: number): LineageRecord => {
    const record = lineage.resume(headers, { attempt });
    record.start();
    return record;
  };
  resume(1).complete({ output: 'chunks' });
  const filler = lineage.startExecution({ name: 'filler' });
  while (lineage.status().atRisk === 0) filler.register(AT);
  resume(2).fail(new Error('nobody will know'));
  tell({});
  die();
}

if (HOW === 'start') await start();
else if (HOW === 'answered') await answered();
else if (HOW === 'memory') memory();
else setInterval(() => undefined, 1_000);
