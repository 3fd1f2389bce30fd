#!/usr/bin/env node
// Starts the built CLI; before a build it says what to run.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../../../dist/apps/cli/main.mjs', import.meta.url);
if (existsSync(fileURLToPath(main))) {
  await import(main.href);
} else {
  console.error(
    'factflow: the CLI is not built yet. Build it, or build and start everything with the example:\n\n' +
      '  npm run build\n  npm start\n',
  );
  process.exitCode = 1;
}
