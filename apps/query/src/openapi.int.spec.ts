import { DOCUMENT_FILE, readDocument } from './testing/documented-answers';
import { openApiDocument } from './openapi';
import { startQueryApp } from './testing/query-app';

const HOW = `${DOCUMENT_FILE} is not current. Type: npm run openapi`;

describe('the OpenAPI document', () => {
  it('that is committed is the one the code makes', async () => {
    const current: unknown = JSON.parse(JSON.stringify(await openApiDocument()));
    if (!isDeepEqual(current, readDocument())) throw new Error(HOW);
  });

  it('is served as committed, without a database, with a page', async () => {
    const app = await startQueryApp();
    expect((await app.get('/api/openapi.json')).body).toEqual(readDocument());
    expect((await app.get('/api/docs')).text).toMatch('swagger-ui');
    await app.close();
  });

  it('describes every answer down to its last field, metadata and event data excepted', () => {
    const free: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      const { type, properties, additionalProperties } = value as Record<string, unknown>;
      const isObject = type === 'object' || (Array.isArray(type) && type.includes('object'));
      if (isObject && (!properties || additionalProperties)) free.push(path);
      for (const [key, part] of Object.entries(value)) visit(part, `${path}/${key}`);
    };
    visit(readDocument(), '');
    const names = free.map((path) => path.split('/').at(-1));
    expect(new Set(names)).toEqual(new Set(['metadata', 'data']));
  });

  it('requires every field of a row', () => {
    const { schemas } = readDocument().components;
    for (const name of ['LineageRecord', 'ChainRecord', 'Chain', 'RecordEvent', 'Stats', 'Execution']) {
      const { properties, required } = schemas[name] as { properties: object; required: string[] };
      expect([...required].sort()).toEqual(Object.keys(properties).sort());
    }
  });
});

const isDeepEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
