module.exports = {
  displayName: 'example',
  preset: '../../jest.preset.js',
};
