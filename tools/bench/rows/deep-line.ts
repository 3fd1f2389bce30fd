import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import type { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { startApp } from '../../scratch/apps';
import { scaled, timed } from '../numbers';
import type { Bench, Row, Sides } from '../row';
import type { Scope } from '../../scratch/scope';
import { columnsOf } from '../tables';
import { Random } from '../traffic/random';
import { bodiesOf } from '../traffic/requests';
import { sendAll } from '../traffic/send';
import { deepLine, type Shape } from '../traffic/shapes';

const DEPTH = 10_000;

/** What it costs to settle everything from the bottom up. */
export const DEEP_LINE: Row = {
  name: 'deep-line',
  measure:
    'ms for the event that ends the leaf of a line of 10,000 records, all others ended before, through HTTP',
  baseline: 'COPY of 10,000 rows into the same table with the same indexes',
  unit: 'ms',
  goal: { atMost: 2 },
  prepare,
};

const DONE_SQL = `SELECT count(*) AS count FROM lineage_record WHERE execution_id = $1 AND completion = 'done'`;

async function prepare(bench: Bench, scope: Scope): Promise<Sides> {
  const database = await (await bench.server()).migrated(scope);
  const app = await startApp('command', database.url, bench, scope);
  const client = await database.connect();
  const depth = scaled(DEPTH, bench.scale);
  const startMs = Date.now() - 3_600_000;
  const random = new Random(4);
  const ship = async (...parts: Shape['events'][]): Promise<void> => {
    for (const events of parts) await sendAll(app.url, [{ bodies: bodiesOf(events) }]);
  };
  const columns = (await columnsOf(client, 'lineage_record')).join(', ');
  const rows = await rowsOfALine(client, ship, deepLine(random, startMs, depth), columns);
  return {
    candidate: async () => {
      const line = deepLine(random, startMs, depth);
      await ship(line.begin, line.events);
      await settleDown(client);
      const ms = await timed(() => ship(line.end));
      await checkAllDone(client, line);
      return ms;
    },
    baseline: async () => {
      const copied = rows.text.replaceAll(rows.executionId, random.id(startMs));
      await settleDown(client);
      return timed(() =>
        pipeline(
          Readable.from([Buffer.from(copied)]),
          client.query(copyFrom(`COPY lineage_record (${columns}) FROM STDIN`)),
        ),
      );
    },
  };
}

/** The rows of a line that is done, as COPY reads them. */
async function rowsOfALine(
  client: Client,
  ship: (...parts: Shape['events'][]) => Promise<void>,
  line: Shape,
  columns: string,
): Promise<{ text: string; executionId: string }> {
  const { executionId } = line;
  await ship(line.begin, line.events, line.end);
  // COPY takes no parameters; an id of ours is nothing but hexadecimal digits.
  const select = `SELECT ${columns} FROM lineage_record WHERE execution_id = '${executionId}' ORDER BY id`;
  return { executionId, text: await text(client.query(copyTo(`COPY (${select}) TO STDOUT`))) };
}

async function checkAllDone(client: Client, { executionId, recordIds }: Shape): Promise<void> {
  const { rows } = await client.query<{ count: string }>(DONE_SQL, [executionId]);
  if (Number(rows[0]?.count) !== recordIds.length)
    throw new Error(`${rows[0]?.count} of ${recordIds.length} records of the line are done`);
}

/** What came before is over: no vacuum and no checkpoint falls into a run. */
async function settleDown(client: Client): Promise<void> {
  await client.query('VACUUM (ANALYZE) lineage_record');
  await client.query('CHECKPOINT');
}
