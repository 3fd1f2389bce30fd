/** What the query app knows that is worth a look. */
export interface Findings {
  /** The newest execution. */
  readonly executionId: string | undefined;
  /** A failed record of it. */
  readonly failedRecordId: string | undefined;
}

/** The default of the CLI's `--url`. */
const DEFAULT_URL = 'http://127.0.0.1:4000';

/** Asks the query app at `url` for ids to fill in. */
export async function findings(url: string): Promise<Findings> {
  const executionId = await firstId(`${url}/api/v1/executions?limit=1`);
  const failures = `${url}/api/v1/lineage/failures?limit=1&execution_id=${executionId}`;
  return { executionId, failedRecordId: executionId && (await firstId(failures)) };
}

async function firstId(url: string): Promise<string | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}: ${await response.text()}`);
  const { items } = (await response.json()) as { items: readonly { id: string }[] };
  return items[0]?.id;
}

/** Commands worth trying, each with what it shows. */
export function suggestions(url: string, { executionId, failedRecordId }: Findings): string[] {
  const server = url === DEFAULT_URL ? '' : ` --url ${url}`;
  const commands: (readonly [string, string] | undefined)[] = [
    executionId ? [`execution get ${executionId}`, 'how the run of the example went'] : undefined,
    executionId ? [`lineage failures --execution ${executionId}`, 'what failed, and why'] : undefined,
    failedRecordId
      ? [
          `lineage chain ${failedRecordId} --execution ${executionId}`,
          'from a failure back to the input that caused it',
        ]
      : undefined,
    executionId ? [`lineage stats --execution ${executionId}`, 'counts and durations by adapter'] : undefined,
  ];
  const lines = commands
    .filter((command) => command !== undefined)
    .flatMap(([command, purpose]) => [`  # ${purpose}`, `  npx factflow ${command}${server}`]);
  return [...lines, '  # the REST API, to browse', `  ${url}/api/docs`];
}
