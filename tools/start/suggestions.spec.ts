import { suggestions } from './suggestions';

const urls = { query: 'http://127.0.0.1:4000', command: 'http://127.0.0.1:4001' };
const executionId = '019aab00-0000-7000-8000-000000000001';
const failedRecordId = '019aab00-0000-7000-8000-000000000002';
const broken = { id: failedRecordId, inputKey: `sha256:${'a'.repeat(64)}` };

describe('suggestions', () => {
  it('fill in the ids of the newest execution and of a failure in it', () => {
    expect(suggestions(urls, { executionId, failedRecordId })).toEqual([
      '  # how the run of the example went',
      `  npx factflow execution get ${executionId}`,
      '  # what failed, and why',
      `  npx factflow lineage failures --execution ${executionId}`,
      '  # from a failure back to the input that caused it',
      `  npx factflow lineage chain ${failedRecordId} --execution ${executionId}`,
      '  # counts and durations by adapter',
      `  npx factflow lineage stats --execution ${executionId}`,
      '  # whether all that is stored is what the events say',
      `  npx factflow lineage verify --execution ${executionId}`,
      '  # the REST API, to browse',
      '  http://127.0.0.1:4000/api/docs',
    ]);
  });

  it('leave out what needs a failure when nothing failed, and all commands when nothing ran', () => {
    const text = suggestions(urls, { executionId, failedRecordId: undefined }).join('\n');
    expect(text).toMatch('lineage stats');
    expect(text).not.toMatch('lineage chain');
    expect(suggestions(urls, { executionId: undefined, failedRecordId: undefined })).toHaveLength(2);
  });

  it('name the server when it is not where the CLI looks by itself', () => {
    const elsewhere = { query: 'http://127.0.0.1:5000', command: 'http://127.0.0.1:5001' };
    const lines = suggestions(elsewhere, { executionId, failedRecordId });
    expect(lines.filter((line) => line.includes('npx'))).toEqual(
      Array(5).fill(expect.stringMatching(/ --url http:\/\/127\.0\.0\.1:5000$/)),
    );
  });

  it('lead from a failure to the proof that it is mended when the example is broken', () => {
    const lines = suggestions(urls, { executionId, failedRecordId, broken }, { directory: undefined });
    expect(lines.filter((line) => !line.startsWith('  #'))).toEqual([
      '  npx factflow execution list',
      `  npx factflow lineage failures --execution ${executionId} --group`,
      `  npx factflow lineage chain ${failedRecordId} --execution ${executionId}`,
      `  npx factflow lineage get ${failedRecordId} --execution ${executionId}`,
      `  npx factflow storage get ${broken.inputKey}`,
      '  npm start',
      `  npx factflow execution replay ${executionId} --from-stage check-licence --only-failed --wait`,
      '  npx factflow lineage verify',
      '  http://127.0.0.1:4000/api/docs',
    ]);
  });

  it('start what was audited again, and replay where the command app is', () => {
    const elsewhere = { ...urls, command: 'http://127.0.0.1:5001' };
    const found = { executionId, failedRecordId, broken };
    const lines = suggestions(elsewhere, found, { directory: '/home/you/the shop' });
    expect(lines).toContain("  npm start -- '/home/you/the shop'");
    expect(lines.filter((line) => line.includes('5001'))).toEqual([
      expect.stringMatching(/execution replay .* --wait --command-url http:\/\/127\.0\.0\.1:5001$/),
    ]);
    expect(suggestions(urls, found, { directory: '/srv/shop' })).toContain('  npm start -- /srv/shop');
  });
});
