import { eventually } from '@factflow/testing';
import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atWork, linesOf, statusOf, type Bout } from '../bout';
import type { Scenario } from '../scenario';

const run = promisify(execFile);
const MEBIBYTE = 1024 * 1024;
/** What waits in memory beside the disk: little, so that it overflows soon. */
const BUFFER = { maxEvents: 1_000 };

/** The disk of the spool is full while the command app is away: the rest goes to the structured log, on another disk. */
export const DISK_FULL: Scenario = {
  name: 'disk-full',
  breaks: 'the disk of the spool full while the command app is away, until events go to the structured log',
  run: async (bout) => {
    const disk = join(bout.folder, 'disk');
    const size = (bout.lab.short ? 1 : 4) * MEBIBYTE;
    mkdirSync(disk);
    const refusal = await mountTmpfs(bout, disk, size);
    bout.spoolDirectory = join(disk, 'spool');
    bout.lab.proxy.cut();
    const pipeline = bout.start('run', {
      buffer: BUFFER,
      ...(refusal === undefined ? {} : { spool: { maxBytes: size } }),
    });
    await eventually(() => linesOf(bout.structuredLog).length > 0, 'events in the structured log', {
      timeoutMs: 60_000,
    });
    await bout.wait(1_000);
    bout.lab.proxy.restore();
    await bout.wait(bout.lab.short ? 1_000 : 5_000);
    await pipeline.stop(30_000);
    const limit =
      refusal === undefined ? 'a tmpfs' : `the spool’s own bound, for want of a tmpfs (${refusal}),`;
    return {
      notes: [`${limit} of ${size / MEBIBYTE} MiB; the recorder counted ${statusOf(pipeline)?.lost} lost`],
    };
  },
};

/** @returns why it cannot be mounted here */
async function mountTmpfs(bout: Bout, folder: string, size: number): Promise<string | undefined> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  } catch (error) {
    return String((error as { stderr?: string }).stderr || (error as Error).message).trim();
  }
  bout.scope.defer('unmount a tmpfs', () => run('umount', ['-l', folder]));
  return undefined;
}

/** There can be no spool: what is recorded waits in memory. */
export const UNWRITABLE: Scenario = {
  name: 'unwritable',
  breaks: 'a spool directory that cannot be made, the command app away for a moment',
  run: async (bout) => {
    // Whoever runs this: root may write into every folder, but nobody makes one in a file.
    const file = join(bout.folder, 'a-file');
    writeFileSync(file, '');
    bout.spoolDirectory = join(file, 'spool');
    const pipeline = bout.start();
    await atWork(pipeline);
    await bout.wait(1_000);
    bout.lab.proxy.cut();
    await bout.wait(1_000);
    bout.lab.proxy.restore();
    await bout.wait(bout.lab.short ? 1_000 : 5_000);
    await pipeline.stop(30_000);
    const said = /there is no spool/.test(pipeline.stderr);
    return { notes: ['in memory'], problems: said ? [] : ['nobody said that there is no spool'] };
  },
};

/** Segments of a dead process are damaged in the middle and cut at their end, and one is no journal at all. */
export const CORRUPTED: Scenario = {
  name: 'corrupted',
  breaks: 'segments of a dead process damaged, truncated, and one that is none: everything else is shipped',
  run: async (bout) => {
    bout.lab.proxy.cut();
    const pipeline = bout.start();
    await atWork(pipeline, 20);
    await bout.wait(bout.lab.short ? 500 : 5_000);
    pipeline.signal('SIGKILL');
    await pipeline.exit;
    const destroyed = damage(bout.spoolFolders()[0] as string);
    bout.lab.proxy.restore();
    const told = `${destroyed.length} events destroyed in three places`;
    // And the segment that is none.
    return { destroyed, damagedPlaces: 4, notes: [told, 'four damaged parts, each counted and warned of'] };
  },
};

/** @returns the sequences of the events that were destroyed */
function damage(folder: string): number[] {
  const segments = readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .sort();
  const file = join(folder, segments.at(-1) as string);
  const bytes = readFileSync(file);
  const lines = bytes.toString('latin1').split('\n');
  const destroyed: number[] = [];
  const sequenceOf = (line: string): number =>
    (JSON.parse(line.slice(line.indexOf('{'))) as { source: { sequence: number } }).source.sequence;
  for (const part of [1 / 4, 1 / 2]) {
    const place = Math.floor(lines.length * part);
    const start = lines.slice(0, place).reduce((sum, line) => sum + line.length + 1, 0);
    destroyed.push(sequenceOf(lines[place] as string));
    bytes[start + 100] = 0;
  }
  destroyed.push(sequenceOf(lines.at(-2) as string));
  writeFileSync(file, bytes);
  truncateSync(file, bytes.length - 20);
  appendFileSync(join(folder, '99999999.ndjson'), 'no line of a journal');
  return destroyed;
}
