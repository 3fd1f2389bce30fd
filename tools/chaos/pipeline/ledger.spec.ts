import { appendFileSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerWriter, readLedger } from './ledger';

describe('the ledger of a pipeline', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaos-ledger-'));
    file = join(folder, 'ledger');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('tells who recorded, which calls have returned, and how many messages were done since the first one', () => {
    const author = { recorderId: 'r', executionId: 'e' };
    const ledger = new LedgerWriter(openSync(file, 'a'));
    ledger.returned();
    ledger.author(author);
    ledger.messageDone();
    ledger.returned();
    ledger.messageDone();
    ledger.messageDone();
    expect(readLedger(file)).toMatchObject({ author, returned: 2, messages: 2 });
    expect(readLedger(file).seconds).toBeGreaterThan(0);
  });

  it('knows nothing of a line that was not written to its end', () => {
    appendFileSync(file, '1\n2\n34');
    expect(readLedger(file)).toEqual({ author: undefined, returned: 2, messages: 0, seconds: 0 });
  });
});
