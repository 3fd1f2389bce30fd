import { eventually, startProcess, type TestProcess } from '@factflow/testing';
import type { LineageOptions } from '@factflow/lineage';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Scope } from '../scratch/scope';
import { END_WITH_PARENT } from '../start/service';
import type { Lab } from './lab';
import { readLedger, type Ledger } from './pipeline/ledger';
import type { Task } from './pipeline/task';

/** How long a system may take to get over what was done to it; nobody waits that long when all is well. */
const HEAL_TIMEOUT_MS = 120_000;
export const FLUSH_TIMEOUT_MS = 1_000;

/** A process that records. */
export interface Pipeline extends TestProcess {
  readonly ledger: () => Ledger;
}

/** One scenario's pipelines and files. */
export class Bout {
  readonly #ledgers: string[] = [];
  readonly structuredLog: string;

  constructor(
    readonly lab: Lab,
    readonly scope: Scope,
    /** empty at first, removed with the scope */
    readonly folder: string,
    /** where pipelines spool */
    public spoolDirectory = join(folder, 'spool'),
  ) {
    this.structuredLog = join(folder, 'structured.ndjson');
  }

  /** Starts a pipeline with lineage. @param options over those that all have */
  start(
    how: Task['how'] = 'run',
    options: Partial<LineageOptions> = {},
    env: Record<string, string> = {},
  ): Pipeline {
    const lineage: LineageOptions = {
      endpoint: `http://127.0.0.1:${this.lab.proxy.port}`,
      service: 'chaos',
      spoolDirectory: this.spoolDirectory,
      structuredLog: this.structuredLog,
      flushTimeoutMs: FLUSH_TIMEOUT_MS,
      retry: { initialDelayMs: 50, maxDelayMs: 500 },
      ...options,
    };
    const ledger = join(this.folder, `ledger-${this.#ledgers.length}`);
    this.#ledgers.push(ledger);
    return this.#launch({ ledger, lineage, how }, env);
  }

  /** Messages a second of so many pipelines at once, without lineage. */
  async baseline(seconds: number, atOnce: number, runs: number): Promise<number> {
    const ledgers: Ledger[] = [];
    for (let run = 0; run < runs; run += 1) {
      const pipelines = Array.from({ length: atOnce }, (_, n) =>
        this.#launch({ ledger: join(this.folder, `baseline-${run}-${n}`), lineage: null, how: 'run' }),
      );
      await Promise.all(pipelines.map((each) => atWork(each)));
      await this.wait(seconds * 1000);
      for (const each of pipelines) each.signal('SIGKILL');
      await Promise.all(pipelines.map(({ exit }) => exit));
      ledgers.push(...pipelines.map((each) => each.ledger()));
    }
    return throughputOf(ledgers);
  }

  /** What every pipeline with lineage has told. */
  ledgers(): Ledger[] {
    return this.#ledgers.filter((file) => existsSync(file)).map(readLedger);
  }

  /** Lets time pass under load; ends early, with an error, on Ctrl-C. */
  wait(ms: number): Promise<void> {
    return pause(ms, undefined, { signal: this.lab.signal });
  }

  /** Folders of recorders that something is left in, dead or alive. */
  spoolFolders(): string[] {
    const list = (folder: string): string[] =>
      existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
    try {
      return list(this.spoolDirectory).flatMap(list);
    } catch {
      return [];
    }
  }

  /** Has a next start ship whatever is left, and ends it. @returns parts of the spool it counted as damaged */
  async heal(): Promise<number> {
    const next = this.start('idle');
    await eventually(() => this.spoolFolders().length === 0, 'the spool to be shipped', {
      timeoutMs: HEAL_TIMEOUT_MS,
    });
    const damaged = await eventually(
      () => {
        const status = statusOf(next);
        return status !== undefined && status.queued === 0 ? status : false;
      },
      'the next start to tell its status',
      { timeoutMs: HEAL_TIMEOUT_MS },
    );
    await next.stop();
    return damaged === false ? 0 : damaged.damaged;
  }

  #launch(task: Task, env: Record<string, string> = {}): Pipeline {
    mkdirSync(this.folder, { recursive: true });
    const program = join(this.lab.root, 'dist/tools/chaos-pipeline.mjs');
    const child = startProcess(
      process.execPath,
      [`--import=${END_WITH_PARENT}`, program, JSON.stringify(task)],
      // Out of reach of the terminal's Ctrl-C: the scope ends it.
      { ownGroup: true, env: { NODE_ENV: 'production', ...env } },
    );
    this.scope.defer('end a pipeline', async () => {
      child.signal('SIGKILL');
      await child.exit;
    });
    return Object.assign(child, { ledger: () => readLedger(task.ledger) });
  }
}

/** Waits until a pipeline has done a message. */
export const atWork = (pipeline: Pipeline, messages = 1): Promise<unknown> =>
  eventually(() => pipeline.ledger().messages >= messages, 'a pipeline to be at work', { timeoutMs: 60_000 });

/** Messages a second of all pipelines together that ran one after the other, or at once. */
export function throughputOf(ledgers: readonly Ledger[]): number {
  const busy = ledgers.filter(({ messages }) => messages > 0);
  const seconds = busy.reduce((sum, ledger) => sum + ledger.seconds, 0);
  return seconds === 0 ? 0 : busy.reduce((sum, ledger) => sum + ledger.messages, 0) / seconds;
}

/** What a pipeline last told of its recorder. */
export function statusOf(
  pipeline: TestProcess,
): { queued: number; damaged: number; adopted: number; lost: number } | undefined {
  const last = pipeline.stdout
    .split('\n')
    .slice(0, -1)
    .findLast((line) => line.startsWith('status {'));
  return last === undefined ? undefined : JSON.parse(last.slice('status '.length));
}

/** The lines of a file, without the last, empty one; none where there is no file. */
export const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
