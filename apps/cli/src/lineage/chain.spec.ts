import { aRecord, atDepth, failedRecord, idOf, runCli, streamed } from '../testing';

const self = failedRecord(10, { adapter_name: 'embedder', parent_id: idOf(2) });
const ancestors = [
  atDepth(1, aRecord(2, { parent_id: idOf(1), completion: 'awaiting_children', pending_children: 3 })),
  atDepth(2, aRecord(1, { adapter_name: 'reader' })),
];
const chain = (...parameters: Parameters<typeof streamed>) => ({ answer: () => streamed(...parameters) });
const COMMAND = `lineage chain ${self.id} -o table`;

describe('a chain', () => {
  it('is drawn from its first cause down to the record and on to what came of it', async () => {
    const descendants = [atDepth(1, aRecord(20, { adapter_name: 'writer', parent_id: self.id }))];
    const { stdout, code } = await runCli(COMMAND, chain(self, ancestors, descendants));
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "documents/reader  done  01900000-0000-7000-8000-000000000001  12 ms
      └─ documents/chunker  awaiting_children (3 not settled)  01900000-0000-7000-8000-000000000002  12 ms
         └─ documents/embedder  failed  ◀ this record  01900000-0000-7000-8000-000000000010  12 ms
            │  ProviderError: quota exceeded
            └─ documents/writer  done  01900000-0000-7000-8000-000000000020  12 ms
      "
    `);
  });

  it('folds equal siblings with their counts, and shows those that failed', async () => {
    const root = aRecord(1, { adapter_name: 'reader' });
    const children = Array.from({ length: 100 }, (_, index) => {
      const fields = { parent_id: root.id };
      if (index === 50) return failedRecord(100 + index, fields);
      if (index > 97) return aRecord(100 + index, { ...fields, status: 'pending', completion: 'pending' });
      return aRecord(100 + index, fields);
    }).map((record) => atDepth(1, record));
    const below = atDepth(2, failedRecord(500, { adapter_name: 'embedder', parent_id: idOf(199) }));
    const answer = chain(root, [], [...children, below]);
    expect((await runCli(`lineage chain ${root.id} -o table`, answer)).stdout).toMatchInlineSnapshot(`
      "documents/reader  done  ◀ this record  01900000-0000-7000-8000-000000000001  12 ms
      ├─ documents/chunker  done  01900000-0000-7000-8000-000000000100  12 ms
      ├─ documents/chunker  failed  01900000-0000-7000-8000-000000000150  12 ms
      │     ProviderError: quota exceeded
      ├─ documents/chunker  pending  01900000-0000-7000-8000-000000000199  12 ms
      │  └─ documents/embedder  failed  01900000-0000-7000-8000-000000000500  12 ms
      │        ProviderError: quota exceeded
      └─ … 97 more chunker records: 96 done, 1 pending
      "
    `);
    const whole = (await runCli(`lineage chain ${root.id} -o table --no-fold`, answer)).stdout;
    for (const { id } of [root, ...children, below]) expect(whole).toContain(id);
  });

  it('shows a join once, and marks where it is reached again', async () => {
    const root = aRecord(1, { adapter_name: 'reader' });
    const parts = [2, 3].map((number) => atDepth(1, aRecord(number, { parent_id: root.id })));
    const join = atDepth(
      2,
      aRecord(4, { adapter_name: 'merger', parent_id: idOf(2), joined_parent_ids: [idOf(3)] }),
    );
    const { stdout } = await runCli(`lineage chain ${root.id} -o table`, chain(root, [], [...parts, join]));
    expect(stdout).toMatchInlineSnapshot(`
      "documents/reader  done  ◀ this record  01900000-0000-7000-8000-000000000001  12 ms
      ├─ documents/chunker  done  01900000-0000-7000-8000-000000000002  12 ms
      │  └─ documents/merger  done  01900000-0000-7000-8000-000000000004  12 ms
      └─ documents/chunker  done  01900000-0000-7000-8000-000000000003  12 ms
         └─ documents/merger  ↳ joined, see above  01900000-0000-7000-8000-000000000004
      "
    `);
  });

  it('marks conflicts and records that nobody has registered', async () => {
    const record = aRecord(1, { conflicts: 2, parent_id: idOf(9) });
    const placeholder = atDepth(
      1,
      aRecord(9, {
        route_id: null,
        adapter_name: null,
        status: 'unknown',
        completion: 'unknown',
        started_at: null,
        completed_at: null,
        registered_at: null,
      }),
    );
    const { stdout } = await runCli(`lineage chain ${record.id} -o table`, chain(record, [placeholder], []));
    expect(stdout).toMatchInlineSnapshot(`
      "not registered  unknown  01900000-0000-7000-8000-000000000009
      └─ documents/chunker  done  ◀ this record  01900000-0000-7000-8000-000000000001  ! 2 conflicts  12 ms
      "
    `);
  });

  it('never cuts an id: what follows it is left out first, then it stands in a line of its own', async () => {
    const child = aRecord(8, { parent_id: idOf(1), conflicts: 2, retry_of: idOf(7) });
    const answers = chain(aRecord(1), [], [atDepth(1, child)]);
    const at = async (columns: number) =>
      (await runCli(`lineage chain ${idOf(1)} --no-color`, { ...answers, columns })).stdout;
    expect(await at(80)).toMatchInlineSnapshot(`
      "documents/chunker  done  ◀ this record  01900000-0000-7000-8000-000000000001
      └─ documents/chunker  done  01900000-0000-7000-8000-000000000008  ! 2 conflicts
      "
    `);
    expect(await at(40)).toMatchInlineSnapshot(`
      "documents/chunker  done  ◀ this record
      │  01900000-0000-7000-8000-000000000001
      └─ documents/chunker  done
            01900000-0000-7000-8000-000000000008
      "
    `);
    for (const columns of [10, 30, 50, 70, 90]) {
      const shown = await at(columns);
      for (const id of [idOf(1), idOf(8)]) expect(shown).toContain(id);
    }
  });

  it('may be deep: it ends, and stays within the terminal', async () => {
    const root = aRecord(0);
    const line = Array.from({ length: 10_000 }, (_, index) =>
      atDepth(index + 1, aRecord(index + 1, { parent_id: idOf(index), adapter_name: '資料庫'.repeat(9) })),
    );
    const { stdout } = await runCli(`lineage chain ${root.id} --no-color`, {
      ...chain(root, [], line),
      columns: 60,
    });
    const lines = stdout.trimEnd().split('\n');
    // An id that has no room stands below, whole; what is said of the record is not cut for its name.
    expect(lines).toHaveLength(20_002);
    expect(lines.at(-2)).toMatch(/┄ 10000 ┄ documents.*… {2}done$/);
    expect(lines.filter((_line, n) => n % 2 === 1).every((text, n) => text.includes(idOf(n)))).toBe(true);
    const { default: width } = await import('string-width');
    for (const text of [...lines.slice(0, 30), ...lines.slice(-30)])
      expect(width(text)).toBeLessThanOrEqual(60);
  });

  it('ends where links go in a circle', async () => {
    const [a, b] = [aRecord(1, { parent_id: idOf(2) }), aRecord(2, { parent_id: idOf(1) })];
    const { stdout } = await runCli(
      `lineage chain ${a.id} -o table`,
      chain(a, [atDepth(1, b)], [atDepth(1, b)]),
    );
    expect(stdout).toContain(a.id);
    expect(stdout).toContain(b.id);
    expect(stdout).toContain('↳ joined, see above');
  });

  it('says when it is not whole', async () => {
    const { stderr, stdout } = await runCli(`lineage chain ${self.id}`, chain(self, ancestors, [], true));
    expect(stderr).toContain('what is furthest away is missing');
    expect(JSON.parse(stdout)).toEqual({
      record: self,
      ancestors,
      descendants: [],
      completion: 'failed',
      truncated: true,
      next_cursor: null,
    });
  });

  it('shows what a terminal would obey', async () => {
    const evil = '\u001b]0;pwned\u0007\u009b31m\u202etxt\nnew line';
    const record = failedRecord(1, {
      adapter_name: evil,
      error: { class: evil, message: evil, traceback: null },
    });
    const answer = { answer: () => streamed(record, [], []) };
    for (const format of ['table', 'json', 'jsonl']) {
      const { stdout } = await runCli(`lineage chain ${record.id} -o ${format}`, answer);
      // eslint-disable-next-line no-control-regex
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    }
    const { stdout } = await runCli(`lineage chain ${record.id} -o table`, answer);
    expect(stdout).toContain('\\x1b]0;pwned\\x07\\x9b31m\\u202etxt\\nnew line');
  });
});
