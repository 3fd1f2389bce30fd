import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';

type Schema = Record<string, unknown>;
interface Operation {
  readonly parameters?: readonly { name: string; in: string; required?: boolean }[];
  readonly responses: Record<string, { content: Record<string, { schema: Schema }> }>;
}
export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Record<string, { get: Operation }>;
  readonly components: { schemas: Record<string, Schema> };
}

export const DOCUMENT_FILE = join(__dirname, '../../openapi.json');
export const readDocument = (): OpenApiDocument =>
  JSON.parse(readFileSync(DOCUMENT_FILE, 'utf8')) as OpenApiDocument;

const FORMATS = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};

/** Checks answers against the committed OpenAPI document; fields it does not know are an error too. */
export class DocumentedAnswers {
  private readonly document = readDocument();
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor() {
    this.ajv.addSchema({ $id: 'document', components: closed(this.document.components) as Schema });
  }

  /** @throws when the document does not foresee the answer */
  check(path: string, status: number, contentType: string, body: unknown): void {
    const template = Object.keys(this.document.paths).find((known) => patternOf(known).test(path));
    if (template === undefined) return;
    const type = contentType.replace(/;.*/, '');
    const schema = this.document.paths[template]?.get.responses[status]?.content[type]?.schema;
    if (!schema) throw new Error(`${template} does not document ${status} as ${type}`);
    // Bytes are what they are.
    if (schema['format'] === 'binary') return;
    const key = JSON.stringify(schema);
    const validate =
      this.validators.get(key) ??
      this.ajv.compile(JSON.parse(key.replaceAll('"#/', '"document#/')) as Schema);
    this.validators.set(key, validate);
    if (!validate(body)) {
      throw new Error(`${path} is not as documented: ${this.ajv.errorsText(validate.errors)}`);
    }
  }
}

// Literal paths stand before those with an id in the document.
const patternOf = (template: string): RegExp => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`);

/** The schemas with every object closed to fields it does not name. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, closed(part)]));
  return 'properties' in copy && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy;
}
