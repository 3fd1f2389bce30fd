/**
 * @typedef {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number }} JestReport
 *   the part of `jest --json` that is counted
 * @typedef {{ passed: number, failed: number }} Counts
 */

/**
 * Counts a run of Jest. A suite that could not run is a failure; so is a run that ends badly or runs no test,
 * although no test of it failed.
 * @param {JestReport | undefined} report nothing when the run was broken off
 * @param {number} exitCode of Jest
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  const passed = report?.numPassedTests ?? 0;
  const failed = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
  const bad = exitCode !== 0 || passed + failed === 0;
  return { passed, failed: failed === 0 && bad ? 1 : failed };
}

/**
 * @param {Counts} counts
 */
export const closingLine = ({ passed, failed }) => `${passed} passed, ${failed} failed`;
