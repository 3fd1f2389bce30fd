import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TraceBuilder, type Trace } from './trace';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const RECORDS = 300_000;
const IN_A_CHUNK = 20_000;
const ENTRY_BYTES = 44;
/** What a million records may take, divided by a million. */
const MOST_BYTES = 100;

const idOf = (n: number): Buffer => {
  const id = Buffer.alloc(16);
  id.writeUInt32BE(n, 4);
  return id;
};
const textOf = (id: Buffer): string =>
  id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** Entries of a tree in which every record has eight children. */
function* chunksOfTree(): Generator<Buffer> {
  for (let start = 0; start < RECORDS; start += IN_A_CHUNK) {
    const entries = Array.from({ length: Math.min(IN_A_CHUNK, RECORDS - start) }, (_, i) => {
      const n = start + i;
      const head = Buffer.alloc(ENTRY_BYTES - 16);
      idOf(n).copy(head);
      head.writeBigInt64BE(BigInt(n), 16);
      head.writeUInt32BE(n === 0 ? 0 : 16, 24);
      return Buffer.concat(n === 0 ? [head] : [head, idOf(Math.floor((n - 1) / 8))]);
    });
    yield Buffer.concat(entries);
  }
}

/** Bytes of buffers and typed arrays that are held. */
const held = (): number => {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
};

/** The same, once what is collected is really gone: that goes on in the background. */
async function settled(): Promise<number> {
  for (let last = held(); ;) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = held();
    if (now === last) return now;
    last = now;
  }
}

describe('a trace', () => {
  let trace: Trace | undefined;

  it('takes at most 100 bytes a record, also while it is made', async () => {
    const before = await settled();
    const builder = new TraceBuilder(RECORDS);
    for (const chunk of chunksOfTree()) builder.add(chunk);
    let most = (await settled()) - before;
    expect(most).toBeGreaterThan(RECORDS * (ENTRY_BYTES - 4));
    let making = true;
    // Between two stretches of work, which is when other work has its turn.
    const watch = (): void => {
      most = Math.max(most, held() - before);
      if (making) setImmediate(watch);
    };
    setImmediate(watch);
    trace = await builder.build(textOf(idOf(0)), 'descendants', 1000, false);
    making = false;
    most = Math.max(most, held() - before);
    expect(trace.length).toBe(RECORDS - 1);
    expect(most / RECORDS).toBeLessThan(MOST_BYTES);
    expect(((await settled()) - before) / RECORDS).toBeLessThan(MOST_BYTES / 2);
    expect(trace.slice(0, 2)).toEqual([
      { depth: 1, rank: 1, id: textOf(idOf(1)) },
      { depth: 1, rank: 2, id: textOf(idOf(2)) },
    ]);
    expect(trace.slice(RECORDS - 2, 9)).toEqual([
      { depth: 7, rank: RECORDS - 1, id: textOf(idOf(RECORDS - 1)) },
    ]);
  });
});
