// npm run openapi: writes the OpenAPI document of the query app and the client types made from it. Needs no database.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const documentFile = join(root, 'apps/query/openapi.json');
const clientFile = join(root, 'libs/client/src/schema.ts');

/** @param {string[]} args of node */
const run = (...args) =>
  execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

run('tools/build/build.mjs', 'apps/query');
const document = JSON.parse(run('dist/apps/query/openapi.mjs'));
writeFileSync(documentFile, `${JSON.stringify(document, null, 2)}\n`);
writeFileSync(clientFile, run('tools/openapi/client.mjs', documentFile));
