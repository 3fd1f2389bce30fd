// Prints the types of the REST client, made from an OpenAPI document.
// usage: node tools/openapi/client.mjs <document>
import { readFileSync } from 'node:fs';
import openapi, { astToString } from 'openapi-typescript';

const HEADER = `// Generated from the OpenAPI document of the query app by \`npm run openapi\`. Changes belong there.\n\n`;

const document = JSON.parse(readFileSync(process.argv[2] ?? 'apps/query/openapi.json', 'utf8'));
process.stdout.write(HEADER + astToString(await openapi(document, { immutable: true, alphabetize: false })));
