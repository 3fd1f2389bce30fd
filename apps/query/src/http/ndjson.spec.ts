import { prefersNdjson } from './ndjson';

it.each<[string | undefined, boolean]>([
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['application/*', false],
  ['application/json', false],
  ['application/json, application/x-ndjson;q=0.5', false],
  ['application/x-ndjson;q=0', false],
  ['application/x-ndjson;q=x', false],
  ['application/x-ndjson', true],
  ['APPLICATION/X-NDJSON', true],
  ['application/x-ndjson; charset=utf-8', true],
  ['application/json;q=0.5, application/x-ndjson', true],
  ['application/x-ndjson, */*', true],
])('what accepts %j is served lines: %s', (accept, expected) => {
  expect(prefersNdjson(accept)).toBe(expected);
});
