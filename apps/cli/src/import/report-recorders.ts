import { recorderEnd, RECORDER_FILE, touchedAt, type RecorderInfo } from '@factflow/journal';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sendHeartbeat } from '../send-heartbeat';
import type { Session } from '../session';
import type { Spool } from './find-sources';
import type { ImportRun } from './import-run';
import type { Tally } from './tally';

/**
 * Says of recorders whose processes are gone, and whose spools were sent, how far they came, as a service that adopts a
 * spool does. Without it their executions would wait for a heartbeat for ever. Of a process that nobody here can ask about only
 * the operator knows: `--gone`.
 */
export async function reportRecorders(
  session: Session,
  spools: Iterable<Spool>,
  { incomplete, damaged }: Pick<ImportRun, 'incomplete' | 'damaged'>,
  tally: Tally,
): Promise<void> {
  const { context, options, printer } = session;
  for (const spool of spools) {
    if (incomplete.has(spool) || spool.owner === 'runs') continue;
    if (spool.owner !== 'ended' && !options.gone) {
      printer.remark(
        `Whether the process of ${spool.path} has ended cannot be told from here, so that its executions may stay open: --gone says that it has.`,
      );
      continue;
    }
    const seenAgoMs = Math.max(0, Math.round(context.now() - touchedAt(spool.path)));
    try {
      await sendHeartbeat(session, {
        ...(await readInfo(spool)),
        ...recorderEnd(spool.path, {
          highest: tally.highestOf(spool.recorderId),
          isDamaged: damaged.has(spool),
        }),
        pid: 0,
        seenAgoMs,
      });
    } catch (error) {
      printer.remark(
        `How far the recorder of ${spool.path} came could not be told, so that its executions may stay open: ${(error as Error).message}`,
      );
    }
  }
}

/** @throws Error when it cannot be read, or is not what a recorder writes */
async function readInfo({ path, recorderId }: Spool): Promise<Omit<RecorderInfo, 'pid'>> {
  const file = join(path, RECORDER_FILE);
  if (!(await stat(file)).isFile()) throw new Error(`${file} is no file.`);
  const { service, host, startedAt } = JSON.parse(await readFile(file, 'utf8')) as Partial<RecorderInfo>;
  if (!service || !host || !startedAt) throw new Error(`${file} is not complete.`);
  return { recorderId, service, host, startedAt };
}
