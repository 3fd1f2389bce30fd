import { newId, type LineageEvent, type Metadata } from '@factflow/domain';
import { aPayload, cancelled, completed, failed, registered, started } from '@factflow/domain/testing';
import * as fc from 'fast-check';
import { startQueryApp, type QueryApp } from '../testing/query-app';
import type { ChainLine } from './chain';

/** Text the database can hold, with whatever JSON must escape. */
const text = (maxLength: number) =>
  fc
    .string({
      unit: fc.constantFrom(...'a"\\/\n\t\u0001\u007f\u2028\ufffd\u{1f600}é,{}', "'"),
      minLength: 1,
      maxLength,
    })
    .filter((value) => value.trim() !== '');
const json = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll(/\\u0000|\\ud[89a-f]../g, 'x')) as never);
const metadata: fc.Arbitrary<Metadata> = fc.dictionary(fc.oneof(text(5), fc.nat().map(String)), json, {
  maxKeys: 3,
});

/** The first of them is stored. */
const payload = fc.option(
  fc
    .record({
      digit: fc.constantFrom('a', 'b'),
      redacted: fc.boolean(),
      contentType: fc.constantFrom('application/json', 'text/plain; charset="utf-8" \\'),
    })
    .map(({ digit, ...more }) => aPayload(digit, more)),
  { nil: undefined },
);

/** What becomes of a record. Times end in any number of zeros. */
const aRecord = fc.record({
  routeId: text(6),
  adapterName: text(6),
  inputHash: fc.option(text(8), { nil: undefined }),
  payload,
  metadata: fc.option(metadata, { nil: undefined }),
  batch: fc.boolean(),
  retry: fc.boolean(),
  joins: fc.integer({ min: 0, max: 3 }),
  at: fc.oneof(
    fc.integer({ min: 0, max: 253_402_300_799_000 }),
    fc.nat(9_999_999_999).map((s) => s * 1000),
  ),
  end: fc.oneof(
    fc.constant({ type: 'none' as const }),
    fc.record({ type: fc.constant('completed' as const), outputHash: text(8), outputPayload: payload }),
    fc.record({ type: fc.constant('cancelled' as const), reason: text(8) }),
    fc.record({
      type: fc.constant('failed' as const),
      error: fc.record(
        { class: text(5), message: text(9), traceback: text(9) },
        { requiredKeys: ['class', 'message'] },
      ),
    }),
  ),
});
type ARecord = typeof aRecord extends fc.Arbitrary<infer Value> ? Value : never;

function eventsOf(record: ARecord, id: string, parentId: string, executionId: string): LineageEvent[] {
  const at = { executionId, at: record.at, eventId: newId() };
  const later = { executionId, at: record.at + 5, eventId: newId() };
  const { routeId, adapterName, inputHash, payload: inputPayload, metadata: more, end } = record;
  const joinedParentIds = Array.from({ length: record.joins }, newId);
  const data = {
    routeId,
    adapterName,
    parentId,
    ...(inputHash !== undefined && { inputHash }),
    ...(inputPayload && { inputPayload }),
    ...(more && { metadata: more }),
    ...(record.batch && { batchId: newId() }),
    ...(record.retry && { retryOf: newId(), replayOfRecord: newId() }),
    ...(record.joins > 0 && { joinedParentIds }),
  };
  const ended =
    end.type === 'completed'
      ? [
          completed(id, later, {
            outputHash: end.outputHash,
            ...(end.outputPayload && { outputPayload: end.outputPayload }),
          }),
        ]
      : end.type === 'cancelled'
        ? [cancelled(id, later, { reason: end.reason })]
        : end.type === 'failed'
          ? [failed(id, later, end.error), started(id, { ...at, eventId: newId() }, { inputHash: 'another' })]
          : [];
  return [registered(id, at, data), ...ended];
}

describe('a line of a streamed chain', () => {
  let app: QueryApp;
  beforeAll(async () => {
    app = await startQueryApp();
    await app.storePayload(aPayload('a').key);
  });
  afterAll(() => app.close());

  it('is, byte for byte, the record as it is answered alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aRecord, { minLength: 1, maxLength: 6 }), async (records) => {
        const executionId = newId();
        // A placeholder: nothing is known of it but that it is mentioned.
        const top = newId();
        const events = records.flatMap((record) => eventsOf(record, newId(), top, executionId));
        await app.store(events);
        const path = `/api/v1/lineage/${top}/chain?execution_id=${executionId}`;
        const { text: lines } = await app.get(path, { accept: 'application/x-ndjson' });
        expect(lines.endsWith('\n')).toBe(true);
        const shown = lines.slice(0, -1).split('\n');
        expect(shown).toHaveLength(records.length + 1);
        for (const line of shown) {
          const { id, direction, depth } = JSON.parse(line) as ChainLine;
          const alone = await app.get(`/api/v1/lineage/${id}?execution_id=${executionId}`);
          expect(line).toBe(`{"direction":"${direction}","depth":${depth},${alone.text.slice(1)}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});
