import fc from 'fast-check';
import { Readable } from 'node:stream';

/** A value in the making: fast-check itself would stumble over some. */
export type Make = () => unknown;
const made = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Make> => values.map((value) => () => value);

/** Values that a careless recorder would stumble over. */
export const hostileValue: fc.Arbitrary<Make> = fc.oneof(
  made(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    }),
  ),
  made(fc.string({ unit: 'binary' })),
  fc.constantFrom<Make[]>(
    () => {
      const cyclic: Record<string, unknown> = { a: [1] };
      cyclic['self'] = { cyclic };
      return cyclic;
    },
    () => Object.defineProperty({}, 'boom', { enumerable: true, get: () => throwing() }),
    () => new Proxy({}, { ownKeys: throwing, get: throwing, getPrototypeOf: throwing }),
    () => revokedProxy(),
    () => ({ toJSON: throwing }),
    () => endless(),
    () => () => 1,
    () => Symbol('x'),
    () => NaN,
    () => 10n ** 300n,
    () => 'x'.repeat(200_000),
    () => '\0\ud800'.repeat(50_000),
    () => '\u0001'.repeat(70_000),
    () => Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`key${index}`, 'ä'.repeat(30)])),
    () => Buffer.alloc(100_000),
    () => ({ body: Buffer.alloc(100_000) }),
    () => Readable.from(['a']),
    () => ({ stream: Readable.from(['a']), later: Promise.resolve(1) }),
    () => nested(16_000),
    () => new Array(50_000),
    () => JSON.parse('{"__proto__": {"a": "\\u0000"}, "\\ud800": 1, "\\u0000": 2}') as unknown,
    () => new Error('plain'),
    () => Object.assign(new Error('x'.repeat(100_000)), { stack: '\u0001'.repeat(100_000) }),
    () =>
      Object.defineProperties(new Error(), {
        stack: { get: throwing },
        message: { get: throwing },
        name: { get: throwing },
      }),
    () => Object.assign(new Error('a'), { name: 'N'.repeat(500), cause: new TypeError('b') }),
    () => selfCaused(),
    () => new AggregateError([new Error('inner')], ''),
  ),
);

function throwing(): never {
  throw new Error('hostile');
}

function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Every property is another such object. */
function endless(): object {
  return new Proxy(
    {},
    {
      get: (_, key) => (key === 'a' ? endless() : undefined),
      ownKeys: () => ['a'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    },
  );
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { value };
  return value;
}

function selfCaused(): Error {
  const error: Error = new Error('round');
  error.cause = error;
  return error;
}

const ids = made(fc.uuid());
const parents = fc.array(fc.oneof(ids, hostileValue), { maxLength: 3 }).map(
  (makers): Make =>
    () =>
      makers.map((make) => make()),
);

/** What may be given to `register`: anything, or anything in every field. */
export const hostileOptions: fc.Arbitrary<Make> = fc.oneof(
  fc
    .record(
      {
        route: fc.oneof(made(fc.string()), hostileValue),
        adapter: fc.oneof(made(fc.string()), hostileValue),
        input: hostileValue,
        inputHash: hostileValue,
        id: fc.oneof(ids, hostileValue),
        parents: fc.oneof(parents, hostileValue),
        joinedParents: fc.oneof(parents, hostileValue),
        batchId: fc.oneof(ids, hostileValue),
        retryOf: hostileValue,
        replayOfRecord: hostileValue,
        started: hostileValue,
        metadata: hostileValue,
      },
      { requiredKeys: [] },
    )
    .map(
      (makers): Make =>
        () =>
          Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make?.()])),
    ),
  hostileValue,
);
