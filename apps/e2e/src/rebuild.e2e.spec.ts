import { anId, completed, registered } from '@factflow/domain/testing';
import { createDataSource } from '@factflow/store';
import { storedRows } from '@factflow/store/testing';
import { startProcess } from '@factflow/testing';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { store } from './testing/posting';
import { startSystem, type System } from './testing/system';

const REBUILD = join(__dirname, '../../../dist/apps/command/rebuild.mjs');

let system: System;
beforeAll(async () => {
  system = await startSystem();
}, 60_000);
afterAll(() => system?.stop(), 60_000);

it('rows are made anew from the events, of the server that npm start keeps the address of', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rebuild-'));
  const dataSource = createDataSource({ url: system.databaseUrl, poolSize: 2, applicationName: 'spec' });
  await dataSource.initialize();
  try {
    const [executionId, id] = [anId(), anId()];
    await store(system.command.url, [registered(id, { executionId }), completed(id, { executionId })]);
    const before = await storedRows(dataSource);
    await dataSource.query(`UPDATE lineage_record SET status = 'failed', output_hash = 'another'`);
    expect(await storedRows(dataSource)).not.toEqual(before);
    mkdirSync(join(folder, '.factflow'));
    writeFileSync(join(folder, '.factflow/database-url'), `${system.databaseUrl}\n`);
    const rebuild = startProcess(process.execPath, [REBUILD, '--execution', executionId], {
      cwd: folder,
      env: { DATABASE_URL: '' },
    });
    expect(await rebuild.exit).toMatchObject({ code: 0 });
    expect(rebuild.stdout).toBe('rebuilt 1 execution from 2 events\n');
    expect(await storedRows(dataSource)).toEqual(before);
  } finally {
    await dataSource.destroy();
    rmSync(folder, { recursive: true });
  }
});
