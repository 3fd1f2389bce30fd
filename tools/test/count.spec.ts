import { closingLine, countTests } from './count.mjs';

const report = (passed: number, failed: number, broken = 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numRuntimeErrorTestSuites: broken,
});

describe('the closing line of npm test', () => {
  it.each([
    ['counts what passed', report(12, 0), 0, '12 passed, 0 failed'],
    ['counts what failed', report(12, 2), 1, '12 passed, 2 failed'],
    ['counts a suite that could not run as a failure', report(12, 2, 1), 1, '12 passed, 3 failed'],
    ['fails when no test ran', report(0, 0), 0, '0 passed, 1 failed'],
    ['fails when Jest does, although every test passed', report(12, 0), 1, '12 passed, 1 failed'],
    ['fails when there is no report', undefined, 1, '0 passed, 1 failed'],
  ])('%s', (_, jestReport, exitCode, line) => {
    expect(closingLine(countTests(jestReport, exitCode))).toBe(line);
  });
});
