import { hashOf } from '@factflow/domain';
import { eventually } from '@factflow/testing';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskProbe } from './disk-probe';
import { PAYLOAD_DISK, PayloadControl } from './payload-control';
import { PayloadSpool } from './payload-intake';

const bytesOf = (n: number): Buffer => Buffer.from(`payload ${n}`);

describe('PayloadSpool', () => {
  let folder: string;
  let control: PayloadControl;
  let troubles: string[];
  const spoolOf = (maxBytes = 1_000): PayloadSpool =>
    new PayloadSpool({ folder, maxBytes, open: () => true }, control, (kind) => troubles.push(kind));
  const push = (spool: PayloadSpool, n: number): string | undefined =>
    spool.push(hashOf(bytesOf(n)), 'bin', bytesOf(n));
  const names = (): string[] => readdirSync(join(folder, 'payloads'));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'payload-spool-'));
    control = new PayloadControl();
    troubles = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has a file of its user alone under the digest when it returns, once for the same bytes', () => {
    const spool = spoolOf();
    expect([push(spool, 1), push(spool, 1), push(spoolOf(), 1)]).toEqual([undefined, undefined, undefined]);
    expect(names()).toEqual([`${hashOf(bytesOf(1)).slice('sha256:'.length)}.bin`]);
    expect(statSync(join(folder, 'payloads', names()[0] as string)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'payloads')).mode & 0o777).toBe(0o700);
    expect([control.waiting, control.waitingBytes]).toEqual([1, bytesOf(1).length]);
  });

  it('takes nothing over its bound, and takes again when there is room', () => {
    const spool = spoolOf(20);
    expect([push(spool, 1), push(spool, 2), push(spool, 3)]).toEqual([
      undefined,
      undefined,
      'the spool is full',
    ]);
    expect(troubles).toEqual(['full']);
    control.add('settledBytes', bytesOf(1).length);
    control.add('stored', 1);
    expect(push(spool, 3)).toBeUndefined();
  });

  it('takes nothing from a disk that fails or was slow until the other side found it fast', async () => {
    const spool = spoolOf();
    writeFileSync(join(folder, 'payloads'), 'in the way');
    expect(push(spool, 1)).toBe('the disk did not take it');
    expect([push(spool, 1), control.disk]).toEqual(['the disk takes nothing', PAYLOAD_DISK.failing]);
    const probe = new DiskProbe(join(folder, 'payloads'), control);
    probe.tick();
    await eventually(() => expect(troubles).toEqual(['disk']), 'the trouble');
    expect(control.disk).toBe(PAYLOAD_DISK.failing);
    rmSync(join(folder, 'payloads'));
    let now = performance.now();
    await eventually(() => {
      probe.tick((now += 2_000));
      expect(control.disk).toBe(PAYLOAD_DISK.fine);
    }, 'the disk to be found fast');
    expect(push(spool, 1)).toBeUndefined();
    control.disk = PAYLOAD_DISK.slow;
    expect(push(spool, 2)).toBe('the disk is slow');
    expect(names()).toHaveLength(1);
  });

  it('goes on after a slow write among fast ones, and takes nothing after two in a row', () => {
    const takes = [60, 0, 60, 0, 60, 60];
    let [asked, clock] = [0, 0];
    // Asked before and after a write.
    const now = (): number => (clock += (asked += 1) % 2 === 0 ? (takes.shift() ?? 0) : 0);
    const options = { folder, maxBytes: 1_000, open: () => true, now };
    const spool = new PayloadSpool(options, control, (kind) => troubles.push(kind));
    const answers = [1, 2, 3, 4, 5, 6, 7].map((n) => push(spool, n));
    expect(answers.filter(Boolean)).toEqual(['the disk is slow']);
    expect([answers[6], troubles, names().length]).toEqual(['the disk is slow', ['disk'], 6]);
  });

  it('finishes what an earlier attempt left unfinished', () => {
    mkdirSync(join(folder, 'payloads'), { mode: 0o700 });
    const name = `${hashOf(bytesOf(1)).slice('sha256:'.length)}.bin`;
    writeFileSync(join(folder, 'payloads', `${name}.new`), 'part');
    expect(push(spoolOf(), 1)).toBeUndefined();
    expect(names()).toEqual([name]);
  });
});
