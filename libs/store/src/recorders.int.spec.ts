import { NO_RECORDER, type Heartbeat } from '@factflow/domain';
import { anId } from '@factflow/domain/testing';
import { ArrivedSequences } from './arrived-sequences';
import { recorderFromRow, recordHeartbeat, RECORDER_COLUMNS, type RecorderRow } from './recorders';
import { migratedDatabase, type MigratedDatabase } from './testing';
import { writeCoverage } from './write-coverage';

let database: MigratedDatabase;
beforeAll(async () => void (database = await migratedDatabase()));
afterAll(() => database.drop());

const heartbeat = (more: Partial<Heartbeat> = {}): Heartbeat => ({
  service: 'documents',
  host: 'a',
  pid: 1,
  startedAt: Date.UTC(2026, 0, 1),
  highestSequence: 0,
  queued: 0,
  spooled: 0,
  lost: [],
  mainThreadAgeMs: 3,
  closed: false,
  ...more,
});
const stored = async (id: string) => {
  const [row] = await database.dataSource.query<[RecorderRow]>(
    `SELECT ${RECORDER_COLUMNS} FROM lineage_recorder o WHERE o.recorder_id = $1`,
    [id],
  );
  return recorderFromRow(row);
};

describe('a heartbeat', () => {
  it('is stored whole, with the time at which it came', async () => {
    const id = anId();
    const told = { highestSequence: 2 ** 53 - 2, queued: 4, spooled: 5, payloads: 6, closed: true };
    const recorder = await recordHeartbeat(
      database.dataSource,
      id,
      heartbeat({ ...told, lost: [[3, 4], [2 ** 53 - 3, 2 ** 53 - 2]] }), // prettier-ignore
    );
    expect(await stored(id)).toEqual(recorder);
    expect(recorder).toMatchObject({ ...told, service: 'documents', host: 'a', pid: 1, mainThreadAgeMs: 3 });
    expect(Math.abs(Date.now() - (recorder.heartbeatAt ?? 0))).toBeLessThan(60_000);
  });

  it('and events that arrive at the same time leave nothing of each other out', async () => {
    const ids = Array.from({ length: 4 }, anId);
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        if (n % 2 === 0) {
          const lost = [[1000 + 2 * n, 1000 + 2 * n]] as const;
          await Promise.all(
            ids.map((id) =>
              recordHeartbeat(database.dataSource, id, heartbeat({ highestSequence: n, lost })),
            ),
          );
          return;
        }
        const arrived = new ArrivedSequences();
        for (const recorderId of ids)
          arrived.add(
            {
              executionId: NO_RECORDER,
              type: 'record.started',
              source: { recorderId, sequence: (n + 1) / 2 },
            },
            'new',
          );
        await writeCoverage(database.dataSource, arrived);
      }),
    );
    for (const id of ids) {
      const recorder = await stored(id);
      expect(recorder).toMatchObject({ highestSequence: 1076, received: [[1, 20]] });
      expect(recorder.losses.map(({ range }) => range[0])).toEqual(
        Array.from({ length: 20 }, (_, n) => 1000 + 4 * n),
      );
    }
  });
});
