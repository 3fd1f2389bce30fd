import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { arriving } from './arriving';

const IDLE_MS = 5000;
/** Of which only the idle limit is reached. */
const PATIENT = { idleMs: IDLE_MS, graceMs: 1_000_000 };

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Lets the streams do what they have to. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await turn();
}

describe('arriving', () => {
  it('takes bytes that come slowly, but come', async () => {
    const body = new PassThrough();
    const all = text(arriving(body, PATIENT).bytes);
    for (const byte of 'slow') {
      jest.advanceTimersByTime(IDLE_MS - 1);
      body.write(byte);
      await settle();
    }
    body.end();
    await expect(all).resolves.toBe('slow');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('gives up when none comes', async () => {
    const body = new PassThrough();
    const all = text(arriving(body, PATIENT).bytes);
    all.catch(() => undefined);
    body.write('x');
    await settle();
    jest.advanceTimersByTime(IDLE_MS);
    await expect(all).rejects.toMatchObject({
      status: 408,
      code: 'upload_stalled',
      detail: expect.stringContaining('for 5 s') as string,
      headers: { connection: 'close' },
    });
    expect(body.destroyed).toBe(false);
  });

  it('gives up when bytes come, but too few of them', async () => {
    const body = new PassThrough();
    const all = text(arriving(body, { graceMs: 10_000, bytesPerSecond: 100 }).bytes);
    all.catch(() => undefined);
    for (let second = 0; second < 12; second += 1) {
      body.write('x'.repeat(second < 10 ? 110 : 1));
      await settle();
      jest.advanceTimersByTime(1000);
    }
    await expect(all).rejects.toMatchObject({
      status: 408,
      code: 'upload_too_slow',
      detail: expect.stringContaining('1102 bytes came so far: fewer than 100 a second') as string,
      headers: { connection: 'close' },
    });
  });

  it('takes bytes that come at the least pace for as long as they come', async () => {
    const body = new PassThrough();
    const all = text(arriving(body, { graceMs: 10_000, bytesPerSecond: 100 }).bytes);
    for (let second = 0; second < 100; second += 1) {
      body.write('x'.repeat(100));
      await settle();
      jest.advanceTimersByTime(1000);
    }
    body.end();
    await expect(all).resolves.toHaveLength(10_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not blame the sender while nobody takes what came, nor for the time before', async () => {
    const body = new PassThrough({ highWaterMark: 2 ** 20 });
    const { bytes } = arriving(body, PATIENT);
    const piece = Buffer.alloc(2 ** 17);
    body.write(piece);
    body.write(piece);
    await settle();
    jest.advanceTimersByTime(3 * IDLE_MS - 1);
    expect(bytes.destroyed).toBe(false);
    const all = text(bytes);
    await settle();
    jest.advanceTimersByTime(IDLE_MS - 1);
    body.end('end');
    await expect(all).resolves.toHaveLength(2 * piece.length + 3);
  });

  it('says that the sender is gone', async () => {
    const body = new PassThrough();
    const all = text(arriving(body, PATIENT).bytes);
    body.destroy();
    await expect(all).rejects.toMatchObject({ code: 'upload_aborted' });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves what is left of the body to others', async () => {
    const body = new PassThrough();
    const { bytes, stop } = arriving(body, PATIENT);
    body.write('taken');
    await settle();
    stop();
    body.end(' and left');
    await expect(text(body)).resolves.toBe(' and left');
    expect(bytes.destroyed).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
