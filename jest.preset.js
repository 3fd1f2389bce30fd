const nxPreset = require('@nx/jest/preset').default;
const { join } = require('node:path');

/** One preset for every project: all code (ours and ESM-only packages such as Nest 12) becomes CommonJS. */
module.exports = {
  ...nxPreset,
  testEnvironment: 'node',
  // As the run of all projects has it: longer than anything in a spec waits for, which says itself what did not come.
  testTimeout: 60_000,
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: {
    '^.+\\.[cm]?[tj]sx?$': join(__dirname, 'tools/jest/swc-transform.js'),
  },
  // ESM-only node_modules have to be transformed; CommonJS ones pass through untouched (see the transformer).
  transformIgnorePatterns: [],
  // Exports nothing for `require`, which is what specs come down to.
  moduleNameMapper: {
    '^canonicalize$': join(__dirname, 'node_modules/canonicalize/lib/canonicalize.js'),
  },
};
