import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');

it('is what the committed OpenAPI document of the query app makes', () => {
  const generator = join(root, 'tools/openapi/client.mjs');
  const document = join(root, 'apps/query/openapi.json');
  const current = execFileSync(process.execPath, [generator, document], { encoding: 'utf8' });
  if (readFileSync(join(__dirname, 'schema.ts'), 'utf8') !== current) {
    throw new Error('libs/client/src/schema.ts is not current. Type: npm run openapi');
  }
});
