export const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';

/** Whether a client that accepts what the header says is served best by lines of JSON; JSON is served otherwise. */
export function prefersNdjson(accept: string | undefined): boolean {
  const weight = new Map<string, number>();
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    weight.set(type, quality === undefined ? 1 : Number(quality.slice(2)) || 0);
  }
  const lines = weight.get(NDJSON) ?? 0;
  return lines > 0 && lines >= (weight.get(JSON_TYPE) ?? 0);
}
