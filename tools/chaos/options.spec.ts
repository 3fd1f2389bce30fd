import { UsageError } from '../scratch/usage';
import { listOf, readOptions } from './options';
import type { Scenario } from './scenario';

const scenario = (name: string): Scenario => ({
  name,
  breaks: `what ${name} breaks`,
  run: () => Promise.reject(new Error('not run here')),
});
const SCENARIOS = [scenario('kill'), scenario('disk-full')];
const read = (...args: string[]) => readOptions(args, SCENARIOS);

describe('the arguments of the campaign', () => {
  it('name all scenarios when they name none, else those, in the order of the table', () => {
    expect(read().scenarios).toEqual(SCENARIOS);
    expect(read('disk-full', 'kill').scenarios).toEqual(SCENARIOS);
    expect(read('disk-full').scenarios.map(({ name }) => name)).toEqual(['disk-full']);
    expect(() => read('disk')).toThrow('No such scenario: disk. There are: kill, disk-full.');
  });

  it.each([['--fast'], ['--kills=0'], ['--kills=2.5'], ['--kills=']])('refuse %s', (arg) => {
    expect(() => read(arg)).toThrow(UsageError);
  });

  it('carry what is to be done, and how', () => {
    expect(read('--short', '--json', '--kills', '7')).toMatchObject({ short: true, json: true, kills: 7 });
    expect(read()).toMatchObject({ action: 'run', short: false, json: false, kills: undefined });
    expect(read('--help').action).toBe('help');
    expect(read('--list').action).toBe('list');
  });
});

it('the list says what every scenario breaks', () => {
  expect(listOf(SCENARIOS)).toBe('kill       what kill breaks\ndisk-full  what disk-full breaks\n');
});
