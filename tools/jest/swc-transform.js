const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const swcJest = require('@swc/jest');

// Jest on Node 20 cannot require ES modules: our TypeScript and ESM-only packages are compiled to CommonJS,
// packages that are CommonJS already pass through as they are.
const base = { swcrc: false, sourceMaps: 'inline', module: { type: 'commonjs' } };
const own = swcJest.createTransformer({
  ...base,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
});
const vendor = swcJest.createTransformer({
  ...base,
  sourceMaps: false,
  jsc: { target: 'es2022', parser: { syntax: 'ecmascript', dynamicImport: true }, keepClassNames: true },
});

const typeByFolder = new Map();
function packageType(folder) {
  const known = typeByFolder.get(folder);
  if (known) return known;
  let type;
  try {
    type = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).type ?? 'commonjs';
  } catch {
    const parent = dirname(folder);
    type = parent === folder || folder.endsWith('/node_modules') ? 'commonjs' : packageType(parent);
  }
  typeByFolder.set(folder, type);
  return type;
}

const isVendor = (file) => file.replace(/\\/g, '/').includes('/node_modules/');
const isEsm = (file) =>
  file.endsWith('.mjs') || (!file.endsWith('.cjs') && packageType(dirname(file)) === 'module');
const transformerOf = (file) => (isVendor(file) ? (isEsm(file) ? vendor : null) : own);

module.exports = {
  canInstrument: false,
  process(source, file, options) {
    return transformerOf(file)?.process(source, file, options) ?? { code: source };
  },
  getCacheKey(source, file, options) {
    return (
      transformerOf(file)?.getCacheKey(source, file, options) ??
      createHash('sha1').update(file).update(source).digest('hex')
    );
  },
};
