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

  it('goes on from the last id when the clock is set back or stands still', () => {
    const now = Date.now() + 60_000;
    const first = newId(now);
    const ids = [first, ...Array.from({ length: MANY }, () => newId(now - 5_000))];
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every((id) => timeOfId(id) === now)).toBe(true);
  });
});
