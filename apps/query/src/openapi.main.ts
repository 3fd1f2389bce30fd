import { runMain } from '@factflow/server';
import { openApiDocument } from './openapi';

// Prints the OpenAPI document; `npm run openapi` writes it where it belongs.
void runMain(async () => process.stdout.write(`${JSON.stringify(await openApiDocument())}\n`));
