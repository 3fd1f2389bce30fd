// Says what to run when an app is not built. usage: node tools/start/require-build.mjs <project root>
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [project = ''] = process.argv.slice(2);
const file = join('dist', project, 'main.mjs');
if (!existsSync(resolve(import.meta.dirname, '../..', file))) {
  console.error(`${file} is missing. Build it first:\n\n  npm run build\n`);
  process.exitCode = 1;
}
