import { startProcess, type TestProcess } from '@factflow/testing';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, bundleWorker } from './bundle';
import { CommandApp } from './command-app';

/** How a service runs: options of the recorder, and how much the script does. */
export interface RunOptions {
  readonly count?: number;
  readonly [option: string]: unknown;
}

/** A service as processes, which run a script of this folder, spool into one directory and ship to one command app. */
export class ServiceProcesses {
  readonly programs = mkdtempSync(join(tmpdir(), 'lineage-programs-'));
  #directory = '';
  #app: CommandApp | undefined;
  #children: TestProcess[] = [];

  /** @param defaults what each run is started with, unless it says otherwise */
  constructor(
    private readonly script: string,
    private readonly defaults: RunOptions & { readonly count: number },
  ) {}

  get #program(): string {
    return join(this.programs, `${this.script}.mjs`);
  }

  /** Once, before all runs. */
  bundle(): void {
    bundle(join(__dirname, `${this.script}.ts`), this.#program);
    bundleWorker(this.programs);
  }

  remove(): void {
    rmSync(this.programs, { recursive: true });
  }

  /** A directory and a command app for the runs that follow. */
  async open(): Promise<{ readonly directory: string; readonly app: CommandApp }> {
    this.#directory = mkdtempSync(join(tmpdir(), 'lineage-service-'));
    this.#app = await CommandApp.start();
    this.#children = [];
    return { directory: this.#directory, app: this.#app };
  }

  async close(): Promise<void> {
    // None of them writes into the folder any more when it is removed.
    for (const child of this.#children) child.signal('SIGKILL');
    await Promise.all(this.#children.map((child) => child.exit));
    await this.#app?.stop();
    rmSync(this.#directory, { recursive: true });
  }

  run(how: string, options: RunOptions = {}): TestProcess {
    return this.start(process.execPath, this.argumentsOf(how, options));
  }

  /** What node is started with for a run. */
  argumentsOf(how: string, options: RunOptions = {}): string[] {
    const { count, ...all } = { ...this.defaults, ...options };
    const settings = {
      endpoint: this.#app?.endpoint,
      spoolDirectory: join(this.#directory, 'spool'),
      structuredLog: join(this.#directory, 'structured.ndjson'),
      flushTimeoutMs: 300,
      retry: { initialDelayMs: 10, maxDelayMs: 100 },
      ...all,
    };
    return [this.#program, JSON.stringify(settings), how, String(count)];
  }

  /** Starts any process, to be ended with the others. */
  start(command: string, args: readonly string[]): TestProcess {
    const child = startProcess(command, args);
    this.#children.push(child);
    return child;
  }

  /** The folder that all of the service's recorders have their folders in. */
  shared(): string {
    const spool = join(this.#directory, 'spool');
    return join(spool, readdirSync(spool)[0] as string);
  }

  /** The folders of its recorders. */
  folders(): string[] {
    if (!existsSync(join(this.#directory, 'spool'))) return [];
    return readdirSync(this.shared()).map((name) => join(this.shared(), name));
  }
}
