import type { Recorder } from '@factflow/client';
import { idOf, json, NOW, runCli } from '../testing';

const aRecorder = (fields: Partial<Recorder> = {}): Recorder => ({
  id: idOf(1),
  service: 'documents\u001b[2J',
  host: 'host-a',
  pid: 41,
  state: 'gone',
  started_at: new Date(NOW - 3_600_000).toISOString(),
  heartbeat_at: new Date(NOW - 120_000).toISOString(),
  main_thread_age_ms: 6200,
  highest_sequence: 90,
  received: 80,
  queued: 2,
  spooled: 3,
  payloads: 7,
  lost: 4,
  lost_ranges: [{ from: 5, to: 8 }],
  rejected: 0,
  rejected_ranges: [],
  repeated: 0,
  repeated_ranges: [],
  gaps: 1,
  gap_ranges: [{ from: 90, to: 90 }],
  ...fields,
});
const silent = aRecorder({
  id: idOf(2),
  service: null,
  host: null,
  pid: null,
  state: 'silent',
  heartbeat_at: null,
  main_thread_age_ms: null,
  payloads: null,
});
const answer = () => json({ items: [aRecorder(), silent], next_cursor: null });

describe('recorders', () => {
  it('are shown as a table, without obeying what they say', async () => {
    const { code, stdout, stderr } = await runCli('recorders -o table', { answer });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [title, first, second] = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(title).toEqual(
      'RECORDER,SERVICE,HOST,PID,STATE,HEARTBEAT,MAIN THREAD,QUEUED,SPOOLED,PAYLOADS,LOST,GAPS'.split(','),
    );
    expect(first).toEqual([
      idOf(1),
      'documents\\x1b[2J',
      'host-a',
      '41',
      'gone',
      '2 min ago',
      '6.2 s',
      '2',
      '3',
      '7',
      '4',
      '1',
    ]);
    expect(second?.slice(0, 7)).toEqual([idOf(2), '-', '-', '-', 'silent', '-', '-']);
  });

  it('tell of sequences that several events have, where there are any', async () => {
    const broken = () => json({ items: [aRecorder({ repeated: 3 }), silent], next_cursor: null });
    const { stdout } = await runCli('recorders -o table', { answer: broken });
    const [title, first] = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect([title?.at(-1), first?.at(-1)]).toEqual(['REPEATED', '3']);
  });

  it('are answered in JSON as they come, narrowed as asked', async () => {
    const { stdout, requests } = await runCli('recorders --service documents --state gone,stuck --limit 7', {
      answer,
    });
    expect(JSON.parse(stdout)).toEqual({ items: [aRecorder(), silent], next_cursor: null });
    expect(Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)).toEqual({
      service: 'documents',
      state: 'gone,stuck',
      limit: '7',
    });
  });

  it.each([
    ['recorders --state asleep', /Allowed are alive, stuck, gone, closed, silent/],
    ['recorders now', /too many arguments|Expected 0 arguments/],
  ])('"%s" exits with 2', async (line, message) => {
    const { code, stderr } = await runCli(line);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('say what can be asked of them', async () => {
    const { code, stdout } = await runCli('recorders --help');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('--state') as string });
    expect((await runCli('--help')).stdout).toContain('recorders');
  });
});
