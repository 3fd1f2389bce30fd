// Bundles one project (its own code and the libraries it imports) with rolldown; node_modules stay external.
// usage: node tools/build/build.mjs <projectRoot>
// Entries: every name in the project's "metadata.entries" (project.json), src/main.ts by default.
import { rolldown } from 'rolldown';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const [project] = process.argv.slice(2);
const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.base.json'), 'utf8'));
const { metadata } = JSON.parse(readFileSync(join(root, project, 'project.json'), 'utf8'));
const entries = metadata?.entries ?? { main: 'src/main.ts' };
const aliases = Object.keys(compilerOptions.paths);

// Helpers of the transformer are bundled, never looked up at run time.
const isOurs = (id) =>
  id.startsWith('.') || id.startsWith('/') || id.startsWith('@oxc-project/runtime/') || aliases.includes(id);

const bundle = await rolldown({
  input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, project, file)])),
  platform: 'node',
  tsconfig: join(root, project, 'tsconfig.json'),
  external: (id) => !isOurs(id),
  transform: { target: 'node20.19' },
  onLog(level, log, handler) {
    if (level === 'warn') throw new Error(log.message);
    handler(level, log);
  },
});
await bundle.write({
  dir: join(root, 'dist', project),
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: '[name]-[hash].mjs',
  cleanDir: true,
  sourcemap: true,
  keepNames: true,
});
