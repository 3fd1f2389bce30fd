import { UsageError } from '../scratch/usage';
import { listOf, readOptions } from './options';
import type { Row } from './row';

const row = (name: string, goal?: Row['goal']): Row => ({
  name,
  measure: `measure of ${name}`,
  baseline: 'something',
  unit: 'ms',
  ...(goal ? { goal } : {}),
  prepare: () => Promise.reject(new Error('not prepared here')),
});
const ROWS = [row('ingest', { atLeast: 0.75 }), row('deep-line', { atMost: 2 }), row('peer')];
const read = (...args: string[]) => readOptions(args, ROWS);

describe('the arguments of the bench', () => {
  it('name all rows when they name none', () => {
    expect(read().rows).toBe(ROWS);
  });

  it('name rows in any order; the table keeps its own', () => {
    expect(read('peer', 'ingest').rows.map(({ name }) => name)).toEqual(['ingest', 'peer']);
  });

  it('that name an unknown row are wrong usage, and the answer names what there is', () => {
    expect(() => read('ingest', 'ingset')).toThrow(UsageError);
    expect(() => read('ingset')).toThrow('No such row: ingset. There are: ingest, deep-line, peer.');
  });

  it.each([['--fast'], ['--runs=0'], ['--runs=2.5'], ['--scale=0'], ['--scale=2'], ['--scale=']])(
    'refuse %s',
    (arg) => {
      expect(() => read(arg)).toThrow(UsageError);
    },
  );

  it('carry runs, scale, profiles and JSON', () => {
    expect(read('--runs', '7', '--scale', '0.1', '--profile', 'prof', '--json', 'peer')).toMatchObject({
      action: 'run',
      json: true,
      runs: 7,
      scale: 0.1,
      profileDir: 'prof',
    });
    expect(read()).toMatchObject({ json: false, runs: undefined, scale: 1, profileDir: undefined });
  });

  it('ask for help or the list', () => {
    expect(read('--help').action).toBe('help');
    expect(read('--list').action).toBe('list');
  });
});

it('the list says goal and measure of every row', () => {
  expect(listOf(ROWS)).toBe(
    'ingest     ≥ 0.75  measure of ingest\n' +
      'deep-line  ≤ 2     measure of deep-line\n' +
      'peer       shown   measure of peer\n',
  );
});
