import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { defaultDataDir, startEmbeddedPostgres } from '@factflow/postgres';
import { checkPortIsFree, obituary, Program, waitUntilReady } from './service';
import { localUrl, StartError, type Settings } from './settings';
import { findings, suggestions } from './suggestions';

export interface Surroundings {
  /** Folder of the workspace; what was built is in `dist` below it. */
  readonly root: string;
  readonly out: NodeJS.WritableStream;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

type AppName = 'command' | 'query';
const APPS: readonly AppName[] = ['command', 'query'];

/**
 * Starts everything that is built, and stops it in reverse order at the end, whatever the end.
 * @returns exit code: 0, 1 when the example failed, 130 when it was interrupted before it was through
 * @throws {StartError} when something does not start, or ends by itself
 */
export async function run(settings: Settings, surroundings: Surroundings): Promise<number> {
  const session = new Session(settings, surroundings);
  try {
    return await session.run();
  } catch (error) {
    if (!surroundings.signal.aborted) throw error;
    return 130;
  } finally {
    await session.stop();
  }
}

class Session {
  private readonly startedAt = performance.now();
  /** What runs, in the order it was started. */
  private readonly running: { name: string; stop: () => Promise<void> }[] = [];
  /** Settles when an app ends by itself. */
  private readonly deaths: Promise<never>[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly around: Surroundings,
  ) {}

  async run(): Promise<number> {
    const apps = APPS.filter((name) => this.isBuilt(name));
    for (const name of apps) await checkPortIsFree(this.settings.host, this.portOf(name), VARIABLES[name]);
    this.checkFolder();
    const databaseUrl = await this.startDatabase();
    for (const name of apps) await this.startApp(name, databaseUrl);
    const hasExample = this.isBuilt('example') && apps.includes('command');
    const code = hasExample ? await this.runExample() : 0;
    if (hasExample && !this.settings.exit) this.startExampleService();
    if (apps.includes('query')) await this.suggest();
    if (this.settings.exit) return code;
    this.say('Everything runs until Ctrl-C.');
    const wakefulness = setInterval(() => undefined, 2 ** 30); // waiting alone keeps no process alive
    await this.unlessAppDies(this.interruption()).finally(() => clearInterval(wakefulness));
    return code;
  }

  async stop(): Promise<void> {
    for (const { name, stop } of this.running.reverse()) {
      this.say(`Stopping ${name} ...`);
      await stop();
    }
    this.say('Stopped.');
  }

  private checkFolder(): void {
    const { directory } = this.settings;
    if (directory === undefined || statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
    throw new StartError(`${directory} is no folder: name one whose packages are to be audited.`);
  }

  private async startDatabase(): Promise<string> {
    const { databaseUrl } = this.settings;
    if (databaseUrl !== undefined) {
      this.say('Using the PostgreSQL that DATABASE_URL names.');
      return databaseUrl;
    }
    const dataDir = defaultDataDir(this.around.root);
    this.say(`Starting PostgreSQL, its data in ${dataDir} ...`);
    const database = await startEmbeddedPostgres({ dataDir });
    const isShared = database.origin === 'shared';
    // For npm run rebuild and its like while the server runs; readable for its owner only, as it holds the password.
    const urlFile = join(this.folder(), 'database-url');
    this.running.push({
      name: isShared ? 'using PostgreSQL' : 'PostgreSQL',
      stop: async () => {
        if (!isShared) rmSync(urlFile, { force: true });
        await database.stop();
      },
    });
    writeFileSync(urlFile, `${database.url()}\n`, { mode: 0o600 });
    this.say(
      `PostgreSQL is ready on port ${database.port}${database.origin === 'started' ? '' : ' (it ran already)'}.`,
    );
    this.around.signal.throwIfAborted();
    return database.url();
  }

  private async startApp(name: AppName, databaseUrl: string): Promise<void> {
    const { host } = this.settings;
    const url = localUrl(host, this.portOf(name));
    const logFile = this.logFileOf(name);
    this.say(`Starting the ${name} app on ${url} ...`);
    const env = {
      DATABASE_URL: databaseUrl,
      FACTFLOW_HOST: host,
      FACTFLOW_PAYLOAD_STORE:
        process.env['FACTFLOW_PAYLOAD_STORE'] || `file:${join(this.around.root, '.factflow', 'payloads')}`,
      [VARIABLES[name]]: String(this.portOf(name)),
    };
    const program = new Program({ args: [this.builtFile(name)], cwd: this.around.root, env, logFile });
    this.running.push({ name: `the ${name} app`, stop: () => program.stop() });
    await waitUntilReady(name, program, { url, logFile, signal: this.around.signal });
    const death = program.ended.then((how): never => {
      throw new StartError(obituary(name, how, logFile));
    });
    death.catch(() => undefined); // nobody listens while everything is being stopped
    this.deaths.push(death);
    this.say(`The ${name} app is ready.`);
  }

  private async runExample(): Promise<number> {
    const { directory, broken } = this.settings;
    const what = `a licence audit of ${directory ?? 'the packages installed here'}`;
    this.say(`Running the example${broken ? ', with an adapter that is broken' : ''}: ${what} ...`);
    const program = this.exampleProgram(directory === undefined ? [] : [directory]);
    this.running.push({ name: 'the example', stop: () => program.stop() });
    const how = await this.unlessAppDies(Promise.race([program.ended, this.interruption()]));
    this.around.signal.throwIfAborted();
    this.running.pop();
    this.say(program.exitCode === 0 ? 'The example is through.' : `The example ended badly (${how}).`);
    return program.exitCode === 0 ? 0 : 1;
  }

  /** Stays, to take the messages that are replayed. */
  private startExampleService(): void {
    const logFile = join(this.folder(), 'example.log');
    const program = this.exampleProgram(['--serve'], logFile);
    this.running.push({ name: 'the example', stop: () => program.stop() });
    const death = program.ended.then((how): never => {
      throw new StartError(obituary('example', how, logFile));
    });
    death.catch(() => undefined); // nobody listens while everything is being stopped
    this.deaths.push(death);
    this.say(`The example stays to take replays${this.settings.broken ? ', broken as it is' : ''}.`);
  }

  private exampleProgram(args: readonly string[], logFile?: string): Program {
    const { host, commandPort, broken } = this.settings;
    return new Program({
      args: [this.builtFile('example'), ...args, ...(broken ? ['--break'] : [])],
      cwd: this.around.root,
      env: {
        FACTFLOW_ENDPOINT: localUrl(host, commandPort),
        FACTFLOW_SPOOL_DIRECTORY: join(this.around.root, '.factflow', 'spool'),
      },
      logFile,
    });
  }

  private async suggest(): Promise<void> {
    const { host, queryPort, commandPort, broken, directory } = this.settings;
    const urls = { query: localUrl(host, queryPort), command: localUrl(host, commandPort) };
    const found = await findings(urls.query, broken);
    const lines = suggestions(urls, found, broken ? { directory } : undefined);
    const where = this.settings.exit ? 'when npm start runs again, without --exit' : 'in another terminal';
    this.around.out.write(`\nWorth trying ${where}:\n\n${lines.join('\n')}\n\n`);
  }

  private unlessAppDies<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, ...this.deaths]);
  }

  private async interruption(): Promise<void> {
    if (!this.around.signal.aborted) await once(this.around.signal, 'abort');
  }

  private isBuilt(name: string): boolean {
    const built = existsSync(this.builtFile(name));
    if (!built) this.say(`Not built, so left out: ${relative(this.around.root, this.builtFile(name))}`);
    return built;
  }

  private readonly builtFile = (name: string): string =>
    join(this.around.root, 'dist/apps', name, 'main.mjs');

  private portOf(name: AppName): number {
    return name === 'command' ? this.settings.commandPort : this.settings.queryPort;
  }

  private logFileOf(name: AppName): string {
    return join(this.folder(), `${name}.log`);
  }

  /** What this clone keeps beside its sources. */
  private folder(): string {
    const folder = join(this.around.root, '.factflow');
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  private say(message: string): void {
    const seconds = ((performance.now() - this.startedAt) / 1000).toFixed(1);
    this.around.out.write(`${`[${seconds} s]`.padStart(9)} ${message}\n`);
  }
}

const VARIABLES: Readonly<Record<AppName, string>> = {
  command: 'FACTFLOW_COMMAND_PORT',
  query: 'FACTFLOW_QUERY_PORT',
};
