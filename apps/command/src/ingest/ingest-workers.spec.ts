import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Logger } from '@nestjs/common';
import { IngestWorkers } from './ingest-workers';

describe('threads that ingest', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'factflow-threads-'));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  const config = { databaseUrl: 'postgres://127.0.0.1:1/none', poolSize: 2, ingestThreads: 2 };
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  it('are not ended before they are loaded', async () => {
    const loaded = JSON.stringify(join(folder, 'loaded'));
    const slow = write(
      'slow.mjs',
      `import { appendFileSync } from 'node:fs';
       for (const until = performance.now() + 300; performance.now() < until;);
       appendFileSync(${loaded}, 'x');`,
    );
    const program = write(
      'program.mjs',
      `import ${JSON.stringify(pathToFileURL(slow).href)}; export const loaded = () => null;`,
    );
    await new IngestWorkers(config, program).onApplicationShutdown();
    expect(existsSync(join(folder, 'loaded'))).toBe(true);
  });

  it('are replaced when one ends, and who had a request with it is asked to send it again', async () => {
    const program = write(
      'program.mjs',
      `export const loaded = () => null;
       export default function append({ body }) {
         const text = Buffer.from(body).toString();
         if (text !== 'bad') return { kind: 'appended', report: text, overturned: 0 };
         setTimeout(() => { throw new Error('nobody has this'); });
         return new Promise(() => undefined);
       }
       export { append };`,
    );
    const workers = new IngestWorkers({ ...config, ingestThreads: 1 }, program);
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const send = (text: string) =>
      workers.append({ body: new Uint8Array(Buffer.from(text)), format: 'ndjson' });
    const problem = { status: 503, code: 'overloaded', headers: { 'retry-after': '1' } };
    await expect(send('bad')).rejects.toMatchObject(problem);
    expect(await send('good')).toMatchObject({ report: 'good' });
    expect(logged).toHaveBeenCalledWith(expect.any(String), expect.stringContaining('nobody has this'));
    await workers.onApplicationShutdown();
  });

  it('can be ended where their program cannot be loaded', async () => {
    const program = write('program.mjs', `throw new Error('broken');`);
    await expect(new IngestWorkers(config, program).onApplicationShutdown()).resolves.toBeUndefined();
  });
});
