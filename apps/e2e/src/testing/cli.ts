import { startProcess } from '@factflow/testing';
import { programOf } from './system';

/** What a run of the CLI said, and how it ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built CLI against a query app, without a terminal and without settings of whoever runs the specs. */
export async function factflow(url: string, ...args: readonly string[]): Promise<CliResult> {
  const env = {
    FACTFLOW_URL: url,
    FACTFLOW_CONFIG: undefined,
    FACTFLOW_OUTPUT: undefined,
    HOME: '/nonexistent',
  };
  const child = startProcess(process.execPath, [programOf('cli'), ...args], { env });
  const { code } = await child.exit;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** The JSON the CLI answers with; it must be all that is on stdout. */
export async function factflowJson<Body>(url: string, ...args: readonly string[]): Promise<Body> {
  const { stdout } = await factflow(url, ...args, '-o', 'json');
  return JSON.parse(stdout) as Body;
}
