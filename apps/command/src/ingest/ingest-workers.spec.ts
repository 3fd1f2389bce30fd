import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { IngestWorkers } from './ingest-workers';

describe('threads that ingest', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'factflow-threads-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

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

  it('can be ended where their program cannot be loaded', async () => {
    const program = write('program.mjs', `throw new Error('broken');`);
    await expect(new IngestWorkers(config, program).onApplicationShutdown()).resolves.toBeUndefined();
  });
});
