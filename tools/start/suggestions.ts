/** What the query app knows that is worth a look. */
export interface Findings {
  /** The newest execution. */
  readonly executionId: string | undefined;
  /** A failed record of it. */
  readonly failedRecordId: string | undefined;
  /** A record of it that failed at the adapter that `--break` breaks. */
  readonly broken?: BrokenRecord | undefined;
}

/** A failed record, and the bytes it failed on. */
export interface BrokenRecord {
  readonly id: string;
  /** none: they were not kept */
  readonly inputKey: string | undefined;
}

/** The adapter of the example that `--break` breaks. */
const BROKEN_ADAPTER = 'check-licence';

/** The defaults of the CLI's `--url` and `--command-url`. */
const DEFAULT_URL = 'http://127.0.0.1:4000';
const DEFAULT_COMMAND_URL = 'http://127.0.0.1:4001';

/** Where the two apps are reached. */
export interface Urls {
  readonly query: string;
  readonly command: string;
}

/** The run with the adapter that fails. */
export interface BrokenRun {
  /** what it audited; none: what is installed here */
  readonly directory: string | undefined;
}

/** Asks the query app at `url` for ids to fill in. @param isBroken whether the example was */
export async function findings(url: string, isBroken = false): Promise<Findings> {
  const executionId = (await firstOf(`${url}/api/v1/executions?limit=1`))?.id;
  if (executionId === undefined) return { executionId, failedRecordId: undefined };
  const failures = `${url}/api/v1/lineage/failures?limit=1&execution_id=${executionId}`;
  const broken = isBroken ? await firstOf(`${failures}&adapter_name=${BROKEN_ADAPTER}`) : undefined;
  return {
    executionId,
    failedRecordId: (await firstOf(failures))?.id,
    broken: broken && { id: broken.id, inputKey: broken.input_payload?.key },
  };
}

interface Item {
  readonly id: string;
  readonly input_payload?: { readonly key: string } | null;
}

async function firstOf(url: string): Promise<Item | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}: ${await response.text()}`);
  const { items } = (await response.json()) as { items: readonly Item[] };
  return items[0];
}

type Suggestion = readonly [command: string, purpose: string];

/** Commands worth trying, each with what it shows. @param broken asks for the steps from a failure to the proof that it is mended */
export function suggestions(urls: Urls, found: Findings, broken?: BrokenRun): string[] {
  const commands = broken ? stepsThrough(found, broken) : worthALook(found);
  const lines = commands.flatMap(([command, purpose]) => [
    `  # ${purpose}`,
    command.startsWith('npm ') ? `  ${command}` : `  npx factflow ${command}${optionsFor(command, urls)}`,
  ]);
  return [...lines, '  # the REST API, to browse', `  ${urls.query}/api/docs`];
}

/** Where the apps are that a command asks, where they are not where it looks by itself. */
function optionsFor(command: string, { query, command: commandUrl }: Urls): string {
  const server = query === DEFAULT_URL ? '' : ` --url ${query}`;
  const asksCommandApp = command.startsWith('execution replay ') && commandUrl !== DEFAULT_COMMAND_URL;
  return asksCommandApp ? `${server} --command-url ${commandUrl}` : server;
}

function worthALook({ executionId, failedRecordId }: Findings): Suggestion[] {
  if (executionId === undefined) return [];
  const chain = `lineage chain ${failedRecordId} --execution ${executionId}`;
  return [
    [`execution get ${executionId}`, 'how the run of the example went'],
    [`lineage failures --execution ${executionId}`, 'what failed, and why'],
    ...(failedRecordId === undefined
      ? []
      : [[chain, 'from a failure back to the input that caused it'] as const]),
    [`lineage stats --execution ${executionId}`, 'counts and durations by adapter'],
    [`lineage verify --execution ${executionId}`, 'whether all that is stored is what the events say'],
  ];
}

/** From "it failed" to "it is mended". */
function stepsThrough({ executionId, broken }: Findings, { directory }: BrokenRun): Suggestion[] {
  if (executionId === undefined) return [];
  const within = `--execution ${executionId}`;
  return [
    ['execution list', '1. find the execution'],
    [`lineage failures ${within} --group`, '2. find the adapter that tripped'],
    ...(broken === undefined
      ? []
      : [[`lineage chain ${broken.id} ${within}`, '3. walk back to the input that caused it'] as const]),
    ...(broken?.inputKey === undefined
      ? []
      : [
          [`lineage get ${broken.id} ${within}`, '4a. see how it failed, and the key of its input'] as const,
          [`storage get ${broken.inputKey}`, '4b. read the very bytes it failed on'] as const,
        ]),
    [
      directory === undefined ? 'npm start' : `npm start -- ${quoted(directory)}`,
      '5. mend it: Ctrl-C here, and start again without --break',
    ],
    [
      `execution replay ${executionId} --from-stage ${BROKEN_ADAPTER} --only-failed --wait`,
      '6. replay what failed with the same input; 7. ends with what is fixed, and whether anything else changed',
    ],
    ['lineage verify', 'whether all that is stored is what the events say'],
  ];
}

/** A path as one word of a shell. */
const quoted = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
