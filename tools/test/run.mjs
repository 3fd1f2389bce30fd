// npm test: builds everything, runs every spec in one Jest process and ends with the line "N passed, N failed",
// before it what was left out for want of a broker.
// Arguments go to Jest: npm test -- store
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { leftOut } from './broker.cjs';
import { closingLine, countTests } from './count.mjs';

const root = resolve(import.meta.dirname, '../..');
const reportFile = join(root, 'tmp', 'jest-report.json');

/** @param {string[]} args of node */
const run = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

/** A run that was broken off leaves no report. */
function readReport() {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return undefined;
  }
}

function test() {
  if (run([join(root, 'tools/start/nx.mjs'), '--quiet', 'build']) !== 0) return countTests(undefined, 1);
  mkdirSync(join(root, 'tmp'), { recursive: true });
  rmSync(reportFile, { force: true });
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--config=jest.config.ts', '--maxWorkers=2'];
  const code = run([...jest, '--json', `--outputFile=${reportFile}`, ...process.argv.slice(2)]);
  return countTests(readReport(), code);
}

const counts = test();
for (const line of leftOut(process.env)) console.log(line);
console.log(closingLine(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;
