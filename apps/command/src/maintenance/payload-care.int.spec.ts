import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { anId, registered } from '@factflow/domain/testing';
import { append } from '@factflow/store';
import type { MigratedDatabase } from '@factflow/store/testing';
import { eventually } from '@factflow/testing';
import { startCommandApp } from '../testing/command-app';

const keyOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

describe('a command app that starts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'factflow-care-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const fileOf = (text: string): string => {
    const digest = keyOf(text).slice(7);
    return join(folder, 'sha256', digest.slice(0, 2), digest);
  };
  const writeBytes = (text: string): void => {
    mkdirSync(dirname(fileOf(text)), { recursive: true });
    writeFileSync(fileOf(text), text);
  };
  const age = (path: string): void => utimesSync(path, 1000, 1000);
  const enter = ({ dataSource }: MigratedDatabase, text: string, unnamedHours: number | null) =>
    dataSource.query(
      `INSERT INTO lineage_payload VALUES ($1, $2, 'text/plain', now() - interval '3 days', now() - make_interval(hours => $3))`,
      [keyOf(text), text.length, unnamedHours],
    );

  it('brings the payload store and its table together, and removes what nobody names', async () => {
    const texts = ['named', 'named again', 'unnamed', 'unnamed for a day', 'without a row'];
    const rows: Record<string, number | null> = {
      named: null,
      'named again': 48,
      unnamed: null,
      'unnamed for a day': 25,
      'without bytes': null,
    };
    const executionId = anId();
    for (const text of texts) {
      writeBytes(text);
      age(fileOf(text));
    }
    // Of an upload that is on its way to its row.
    writeBytes('young');
    const leftover = join(folder, 'incoming', 'cut off');
    mkdirSync(dirname(leftover));
    writeFileSync(leftover, 'x');
    age(leftover);
    const app = await startCommandApp({ FACTFLOW_PAYLOAD_STORE: `file:${folder}` }, async (database) => {
      for (const [text, hours] of Object.entries(rows)) await enter(database, text, hours);
      const naming = (text: string, contentType = 'text/plain') =>
        registered(
          anId(),
          { executionId },
          { inputPayload: { key: keyOf(text), redacted: false, contentType } },
        );
      await append(database.dataSource, [
        naming('named'),
        naming('named again'),
        naming('without a row', 'image/png'),
        naming('without bytes'),
      ]);
    });
    try {
      const shown = async () => {
        const found = await app.database.dataSource.query<{ key: string; type: string; unnamed: boolean }[]>(
          `SELECT key, content_type AS type, unnamed_since IS NOT NULL AS unnamed FROM lineage_payload`,
        );
        return Object.fromEntries(
          found.map(({ key, type, unnamed }) => [key, `${type}${unnamed ? ' unnamed' : ''}`]),
        );
      };
      const expected = Object.fromEntries([
        [keyOf('named'), 'text/plain'],
        [keyOf('named again'), 'text/plain'],
        [keyOf('unnamed'), 'text/plain unnamed'],
        [keyOf('without a row'), 'image/png'],
      ]);
      await eventually(async () => expect(await shown()).toEqual(expected), 'the first round');
      expect(existsSync(fileOf('unnamed for a day'))).toBe(false);
      for (const text of ['named', 'named again', 'unnamed', 'without a row', 'young'])
        expect(existsSync(fileOf(text))).toBe(true);
      expect(existsSync(leftover)).toBe(false);
      const metrics = await (await fetch(`${app.url}/metrics`)).text();
      expect(metrics).toContain('factflow_payloads_removed_total 1\n');
      expect(metrics).toContain(`factflow_payload_bytes_removed_total ${'unnamed for a day'.length}\n`);
      await eventually(async () => {
        const text = await (await fetch(`${app.url}/metrics`)).text();
        expect(text).toContain('factflow_payloads_found_total 1\n');
        expect(text).toContain('factflow_payloads_lost_total 1\n');
      }, 'the counts');
    } finally {
      await app.close();
    }
  });
});
