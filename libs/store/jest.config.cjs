module.exports = {
  displayName: 'store',
  preset: '../../jest.preset.js',
  // Against a real database, on a machine that may have other things to do.
  testTimeout: 60_000,
  globalSetup: '../../libs/testing/src/postgres.global-setup.ts',
  globalTeardown: '../../libs/testing/src/postgres.global-teardown.ts',
};
