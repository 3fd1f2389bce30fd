import type { LineageEvent } from '@factflow/domain';
import {
  anId,
  completed,
  executionEnded,
  executionStarted,
  failed,
  registered,
} from '@factflow/domain/testing';
import { freePort } from '@factflow/testing';
import { factflow, factflowJson } from './testing/cli';
import { store } from './testing/posting';
import { startSystem, type System } from './testing/system';

let system: System;
const at = { executionId: anId() };
const [source, parsed, checked, hostile, joined] = [anId(), anId(), anId(), anId(), anId()];
const events: LineageEvent[] = [
  executionStarted(at, { name: 'nightly import' }),
  registered(source, at, { adapterName: 'discover', started: true }),
  registered(parsed, at, { parentId: source, adapterName: 'parse', started: true }),
  registered(checked, at, { parentId: source, adapterName: 'parse', started: true }),
  registered(hostile, at, { parentId: parsed, adapterName: 'check', started: true }),
  registered(joined, at, {
    parentId: parsed,
    joinedParentIds: [checked],
    adapterName: 'report',
    started: true,
  }),
  completed(source, at),
  completed(parsed, at),
  completed(checked, at),
  failed(hostile, at, {
    class: 'Licence\u001b[31mError',
    message: 'red \u001b]0;title\u0007 \u009b2J\r\nrm',
  }),
  completed(joined, at),
  executionEnded(at),
];

beforeAll(async () => {
  system = await startSystem();
  await store(system.command.url, events);
}, 60_000);
afterAll(() => system?.stop(), 60_000);

const names = new Map(
  Object.entries({ execution: at.executionId, source, parsed, checked, hostile, joined }).map(
    ([name, id]) => [id, `<${name}>`] as const,
  ),
);
/** Ids by their names and times as such: what is left is the same in every run. */
const normal = (text: string): string =>
  [...names]
    .reduce((shown, [id, name]) => shown.replaceAll(id, name), text)
    .replaceAll(system.query.url, '<url>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>');
const run = (...args: string[]) => factflow(system.query.url, ...args);

describe('the CLI against a running query app', () => {
  it.each([
    ['lineage', 'chain', hostile],
    ['lineage', 'chain', source],
    ['lineage', 'get', hostile],
    ['lineage', 'children', parsed],
    ['lineage', 'list', '--execution', at.executionId],
    ['lineage', 'failures', '--execution', at.executionId],
    ['lineage', 'failures', '--group', '--execution', at.executionId],
    ['lineage', 'stats', '--execution', at.executionId],
    ['execution', 'get', at.executionId],
  ])('shows %s %s %s as it always did', async (...command) => {
    const { code, stdout, stderr } = await run(...command, '-o', 'table', '--time-format', 'iso');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(normal(stdout)).toMatchSnapshot();
    // Recorded escape sequences are shown, not sent: no control character but the line break.
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it.each([
    ['lineage', 'get', hostile],
    ['lineage', 'chain', source],
    ['lineage', 'events', hostile],
    ['lineage', 'list', '--execution', at.executionId],
    ['lineage', 'stats', '--execution', at.executionId],
    ['execution', 'get', at.executionId],
    ['execution', 'list'],
  ])('answers %s %s %s in JSON that parses and nothing else', async (...command) => {
    expect(await factflowJson(system.query.url, ...command)).toEqual(expect.any(Object));
  });

  it('keeps recorded text whole in JSON', async () => {
    const [record] = events.filter(({ type }) => type === 'record.failed');
    const shown = await factflowJson(system.query.url, 'lineage', 'get', hostile);
    expect(shown).toMatchObject({ error: (record?.data as { error: object }).error });
  });

  it('exits with 0, 1, 2, 3 and 4 for what these mean', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const codes = {
      fine: (await run('execution', 'wait', at.executionId)).code,
      usage: (await run('lineage', 'get', 'not-an-id')).code,
      verb: (await run('lineage', 'dance')).code,
      missing: (await run('lineage', 'get', anId())).code,
      unreachable: (await factflow(nobody, 'lineage', 'get', source)).code,
    };
    expect(codes).toEqual({ fine: 0, usage: 2, verb: 2, missing: 3, unreachable: 4 });
    const unended = { executionId: anId() };
    await store(system.command.url, [executionStarted(unended)]);
    expect((await run('execution', 'wait', unended.executionId, '--timeout', '100ms')).code).toBe(1);
  });

  it('says on stderr what is wrong, where, and what to do', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const { stdout, stderr } = await factflow(nobody, 'lineage', 'get', source);
    expect(stdout).toBe('');
    expect(stderr).toContain(nobody);
    expect(stderr).not.toMatch(/\bat .*\.m?js/);
  });
});
