const { BROKER_SUITES, hasBroker } = require('../../tools/test/broker.cjs');

module.exports = {
  displayName: 'e2e',
  preset: '../../jest.preset.js',
  globalSetup: '../../libs/testing/src/postgres.global-setup.ts',
  globalTeardown: '../../libs/testing/src/postgres.global-teardown.ts',
  // Not skipped but left out, and npm test says so.
  testPathIgnorePatterns: ['/node_modules/', ...(hasBroker(process.env) ? [] : [BROKER_SUITES])],
};
