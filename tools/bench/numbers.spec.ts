import { median, percentile, scaled } from './numbers';

describe('median', () => {
  it('is the middle of an odd number of values, in whatever order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 9, 100])).toBe(10);
  });

  it('is halfway between the two in the middle of an even number', () => {
    expect(median([4, 1, 2, 30])).toBe(3);
  });

  it('of nothing is an error', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);

  it('is the value that so many do not exceed', () => {
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('of nothing is an error', () => {
    expect(() => percentile([], 0.99)).toThrow(RangeError);
  });
});

it('scaling leaves at least one', () => {
  expect(scaled(1000, 0.0001)).toBe(1);
  expect(scaled(1000, 0.5)).toBe(500);
});
