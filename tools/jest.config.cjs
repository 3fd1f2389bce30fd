module.exports = {
  displayName: 'tools',
  preset: '../jest.preset.js',
  globalSetup: '../libs/testing/src/postgres.global-setup.ts',
  globalTeardown: '../libs/testing/src/postgres.global-teardown.ts',
};
