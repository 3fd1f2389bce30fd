module.exports = {
  displayName: 'postgres',
  preset: '../../jest.preset.js',
  // Real servers and processes: under load each takes seconds to start.
  testTimeout: 120_000,
};
