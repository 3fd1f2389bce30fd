import 'reflect-metadata';
import { Test, type TestingModule } from '@nestjs/testing';
import { LineageRecorder } from '@factflow/lineage/nest';
import { createLineageTwin, type LineageTwin } from '@factflow/lineage/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppModule } from './app.module';
import { Audit, BATCH_SIZE } from './audit';
import { readConfig } from './config';
import { FINDINGS_OF_EACH, FixtureTree, oneOfEach, PACKAGES_OF_EACH } from './testing/fixture-tree';
import { Parse } from './parse';
import { Replays } from './replays';
import { WriteReport } from './write-report';

describe('the audit', () => {
  let tree: FixtureTree;
  let twin: LineageTwin;
  let module: TestingModule;
  beforeEach(async () => {
    twin = createLineageTwin();
    module = await Test.createTestingModule({ imports: [AppModule.with(readConfig([], {}))] })
      .overrideProvider(LineageRecorder)
      .useValue(twin.recorder)
      .compile();
    await module.init();
  });
  afterEach(async () => {
    await module.close();
    tree.remove();
  });
  const audit = (report = 'report.md', directory = tree.root) =>
    module.get(Audit).run({ directory, reportFile: join(tree.root, report) });
  const counts = (values: readonly (string | undefined)[]): Record<string, number> => {
    const result: Record<string, number> = {};
    for (const value of values) if (value !== undefined) result[value] = (result[value] ?? 0) + 1;
    return result;
  };

  describe('of one package of each kind', () => {
    beforeEach(async () => {
      tree = oneOfEach();
      await audit();
    });

    it('makes a record of every package at every adapter it reached', async () => {
      const records = await twin.records();
      expect(counts(records.map(({ routeId, adapterName }) => `${routeId} ${adapterName}`))).toEqual({
        'packages discover': 1,
        'packages parse': PACKAGES_OF_EACH.length,
        'packages check-licence': PACKAGES_OF_EACH.length - 3,
        'packages find-text': PACKAGES_OF_EACH.length - 6,
        'report batch': 1,
        'report summarise': 1,
        'report write-report': 1,
      });
      expect(records.every(({ inputHash }) => inputHash?.startsWith('sha256:'))).toBe(true);
      expect(twin.recorder.status()).toMatchObject({ ignored: 0, rejected: 0 });
    });

    it('fails the records of what it finds, with a class for every reason, and completes', async () => {
      const failed = await twin.records({ status: 'failed' });
      expect(counts(failed.map(({ error }) => error?.class))).toEqual(FINDINGS_OF_EACH);
      const { counts: ended } = await twin.expectExecution({ name: 'licence-audit' }).toBeDone();
      expect(ended.failed).toBe(failed.length);
      await twin.expectNothingPending();
    });

    it('takes a package from adapter to adapter', async () => {
      const at = (adapter: string) => ({ adapter, metadata: { package: 'node_modules/reuse' } });
      await twin.expectRecord(at('parse')).toHaveProduced([at('check-licence')]);
      await twin.expectRecord(at('check-licence')).toHaveProduced([at('find-text')]);
      await twin.expectRecord(at('find-text')).toHaveProduced([{ route: 'report', adapter: 'batch' }]);
      await twin.expectRecord(at('parse')).toBeDone();
    });

    it('leads from a failure back to the discovery', async () => {
      const failure = twin.expectRecord({
        adapter: 'find-text',
        metadata: { package: 'node_modules/no-text' },
      });
      const { error } = await failure.toHaveFailedWith('LicenceTextMissing', /^"no-text@1\.0\.0" /);
      expect(error?.traceback).toContain('find-text');
      await failure.toComeFrom({ adapter: 'check-licence' }, { adapter: 'parse' }, { adapter: 'discover' });
    });

    it('registers every child before its parent is completed', async () => {
      const events = await twin.events();
      const endOf = (id: string): number =>
        events.findIndex(({ type, recordId }) => recordId === id && /completed|failed/.test(type));
      const discover = (await twin.records({ adapterName: 'discover' }))[0];
      for (const record of await twin.records({ routeId: 'packages' })) {
        if (record.parentId === null) continue;
        const registered = events.findIndex(({ recordId }) => recordId === record.id);
        expect(registered).toBeLessThan(endOf(record.parentId));
      }
      expect(discover).toMatchObject({ completion: 'done', metadata: { yielded: PACKAGES_OF_EACH.length } });
    });

    it('joins the packages, failed ones too, in a batch of one id', async () => {
      const { batchId, parentIds } = await twin.expectRecord({ adapter: 'batch' }).toBeDone();
      expect(parentIds).toHaveLength(PACKAGES_OF_EACH.length);
      const together = await twin.records({ batchId });
      expect(new Set(together.map(({ adapterName }) => adapterName))).toEqual(
        new Set(['parse', 'check-licence', 'find-text', 'batch']),
      );
      await twin.expectRecord({ adapter: 'batch' }).toHaveProduced([{ adapter: 'summarise' }]);
      await twin.expectRecord({ adapter: 'summarise' }).toHaveProduced([{ adapter: 'write-report' }]);
    });

    it('writes a report that names every finding', () => {
      const report = readFileSync(join(tree.root, 'report.md'), 'utf8');
      expect(report).toContain('17 packages: 9 fine, 8 with a finding.');
      expect(report).toContain('## LicenceTextMissing (2)');
      expect(report).toContain('- `node_modules/no-text`: "no-text@1.0.0" comes without a text of MIT');
      expect(report).toContain('- `(MIT OR Apache-2.0)`: 1');
    });
  });

  it('joins the batches of more packages than one holds', async () => {
    tree = new FixtureTree();
    for (let place = 0; place < 2 * BATCH_SIZE + 1; place += 1) tree.fine(`package-${place}`);
    const progress: number[] = [];
    const { summary } = await module.get(Audit).run({
      directory: tree.root,
      reportFile: join(tree.root, 'report.json'),
      onProgress: (packages) => progress.push(packages),
    });
    expect(summary).toMatchObject({ packages: 201, fine: 201, licences: { MIT: 201 }, findings: {} });
    expect(progress).toEqual([100, 200, 201]);
    expect(JSON.parse(readFileSync(join(tree.root, 'report.json'), 'utf8'))).toEqual(summary);
    const batches = await twin.records({ adapterName: 'batch' });
    expect(batches.map(({ parentIds }) => parentIds.length)).toEqual([100, 100, 1]);
    expect(new Set(batches.map(({ batchId }) => batchId)).size).toBe(3);
    await twin.expectRecord({ adapter: 'summarise' }).toJoin(batches);
  });

  it('fails packages nothing is wrong with when it is broken, and no others', async () => {
    tree = new FixtureTree();
    const licences = ['MIT', 'Apache-2.0', 'BSD-3-Clause', '0BSD', '(MIT OR CC0-1.0)', 'Apache-2.0 AND MIT'];
    for (const [place, license] of licences.entries())
      tree.package(`package-${place}`, { license }, { LICENSE: 'x' });
    const brokenTwin = createLineageTwin();
    const broken = await Test.createTestingModule({ imports: [AppModule.with(readConfig(['--break'], {}))] })
      .overrideProvider(LineageRecorder)
      .useValue(brokenTwin.recorder)
      .compile();
    await broken.init();
    const run = { directory: tree.root, reportFile: join(tree.root, 'report.json') };
    const { summary } = await broken.get(Audit).run(run);
    await broken.close();
    expect(summary).toMatchObject({ fine: 2, findings: { LicenceInvalid: { count: 4 } } });
    const failed = await brokenTwin.records({ status: 'failed' });
    expect(new Set(failed.map(({ adapterName }) => adapterName))).toEqual(new Set(['check-licence']));
    await expect(module.get(Audit).run(run)).resolves.toMatchObject({ summary: { fine: 6, findings: {} } });
  });

  it('goes on with a package that is replayed, from the adapter it is replayed at to the end of its lane', async () => {
    tree = oneOfEach();
    const replays = module.get(Replays);
    const manifestOf = (path: string) => module.get(Parse).process(join(tree.root, 'node_modules', path));
    const execution = twin.recorder.startExecution({ name: 'a replay' });
    for (const path of ['fine', 'no-text', 'invalid-licence']) {
      const input = await manifestOf(path);
      await twin.recorder
        .run({ execution, route: 'packages', adapter: 'check-licence', input }, () =>
          replays.checkLicence(input),
        )
        .catch(() => undefined);
    }
    const ends = async (adapterName: string) =>
      (await twin.records({ adapterName })).map(({ status, error }) => error?.class ?? status);
    expect(await ends('check-licence')).toEqual(['completed', 'completed', 'LicenceInvalid']);
    expect(await ends('find-text')).toEqual(['completed', 'LicenceTextMissing']);
  });

  it('of nothing is complete, and finds nothing', async () => {
    tree = new FixtureTree();
    await expect(audit()).resolves.toMatchObject({ summary: { packages: 0, fine: 0 } });
    await twin.expectRecord({ adapter: 'discover' }).toHaveProduced([]);
    await twin.expectRecord({ adapter: 'summarise' }).toHaveProduced([{ adapter: 'write-report' }]);
    await twin.expectExecution().toBeDone();
  });

  it('fails, with its execution, when the folder cannot be read', async () => {
    tree = oneOfEach();
    await expect(audit('report.md', join(tree.root, 'nowhere'))).rejects.toThrow('ENOENT');
    await twin.expectRecord({ adapter: 'discover' }).toHaveFailedWith('Error', /ENOENT/);
    await twin.expectExecution().toHaveFailedWith('Error', /ENOENT/);
    await twin.expectNothingPending();
  });

  it('fails, with its execution, when the report cannot be written', async () => {
    tree = oneOfEach();
    await expect(audit('node_modules')).rejects.toThrow('EISDIR');
    await twin.expectRecord({ adapter: 'write-report' }).toHaveFailedWith('Error', /EISDIR/);
    await twin.expectExecution().toHaveFailedWith('Error', /EISDIR/);
    await twin.expectNothingPending();
  });

  it('stops between batches when the module is destroyed, leaving no record open', async () => {
    tree = new FixtureTree();
    for (let place = 0; place < 2 * BATCH_SIZE; place += 1) tree.fine(`package-${place}`);
    const running = module.get(Audit).run({
      directory: tree.root,
      reportFile: join(tree.root, 'report.md'),
      onProgress: () => void module.get(Audit).onModuleDestroy(),
    });
    await expect(running).resolves.toMatchObject({ stopped: true, summary: { packages: BATCH_SIZE } });
    await twin.expectExecution().toBeCancelled();
    await twin.expectNothingPending();
  });

  it('keeps markup and control characters of other people’s text out of the report', async () => {
    tree = new FixtureTree();
    const finding = { path: 'a`b\n# c', message: '<b>[x](y)</b>' };
    const summary = {
      packages: 1,
      fine: 0,
      licences: {},
      findings: { Odd: { count: 3, packages: [finding] } },
    };
    await module.get(WriteReport).write(summary, join(tree.root, 'deep/report.md'));
    const report = readFileSync(join(tree.root, 'deep/report.md'), 'utf8');
    expect(report).toContain("- `a'b # c`: \\<b\\>\\[x\\](y)\\</b\\>\n- and 2 more\n");
  });
});
