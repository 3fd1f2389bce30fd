module.exports = {
  displayName: 'lineage',
  preset: '../../jest.preset.js',
};
