import { isId, newId, timeOfId } from './ids';

/** More than fit between two changes of the counter's upper bits, and than random digits are kept ready for. */
const MANY = 50_000;

describe('newId', () => {
  it('makes ids of version 7 that carry the time', () => {
    const before = Date.now();
    const ids = Array.from({ length: MANY }, () => newId());
    const after = Date.now();
    expect(ids.filter((id) => !isId(id))).toEqual([]);
    const times = ids.map((id) => timeOfId(id) ?? NaN);
    expect(times.filter((time) => !(time >= before && time <= after))).toEqual([]);
  });

  it('makes ids that differ, and sort by the order they were made in', () => {
    const ids = Array.from({ length: MANY }, () => newId());
    expect(new Set(ids).size).toBe(MANY);
    expect([...ids].sort()).toEqual(ids);
  });

  it('goes on from the last id when the clock is set back a little or stands still', () => {
    const now = Date.now() + 60_000;
    const first = newId(now);
    const ids = [first, ...Array.from({ length: MANY }, () => newId(now - 5_000))];
    expect(new Set(ids).size).toBe(MANY + 1);
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every((id) => timeOfId(id) === now)).toBe(true);
  });

  it('follows the clock again that was ahead, and makes ids that differ all the same', () => {
    const now = Date.now();
    const times = [now, now + 3 * 86_400_000, now, now + 3 * 86_400_000, now + 1, now - 20_000];
    const ids = times.flatMap((time) => Array.from({ length: 1_000 }, () => newId(time)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.map((id) => timeOfId(id))).toEqual(times.flatMap((time) => Array<number>(1_000).fill(time)));
  });

  it.each([
    ['gives nothing', () => undefined],
    ['gives no number', () => NaN],
    ['gives a number that is no time', () => 1e300],
    [
      'throws',
      () => {
        throw new Error('no clock');
      },
    ],
  ])('knows the time where the clock %s', (_what, clock) => {
    const before = Date.now();
    const mock = jest.spyOn(Date, 'now').mockImplementation(clock as () => number);
    const id = newId();
    mock.mockRestore();
    expect(isId(id)).toBe(true);
    expect(Math.abs((timeOfId(id) ?? 0) - before)).toBeLessThan(60_000);
  });
});
