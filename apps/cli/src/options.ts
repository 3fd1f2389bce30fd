import { Option, type Command } from 'commander';
import { countOf, durationOf, fileOf, idOf, oneOrMoreOf } from './option-values';

/** The options of all commands; each command takes some of them. */
export interface Options {
  readonly output?: string;
  readonly timeFormat?: string;
  /** False with `--no-color`. */
  readonly color?: boolean;
  readonly url?: string;
  readonly commandUrl?: string;
  readonly token?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly limit?: number;
  readonly follow?: boolean;
  readonly execution?: string;
  readonly status?: readonly string[];
  readonly completion?: readonly string[];
  readonly adapter?: string;
  readonly route?: string;
  readonly batch?: string;
  readonly parent?: string;
  readonly inputHash?: string;
  readonly outputHash?: string;
  readonly after?: string;
  readonly before?: string;
  readonly sort?: string;
  readonly name?: string;
  readonly direction?: string;
  readonly depth?: number;
  /** False with `--no-payloads`. */
  readonly payloads?: boolean;
  /** False with `--no-fold`. */
  readonly fold?: boolean;
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly stalled?: boolean;
  readonly force?: boolean;
  readonly gone?: boolean;
  readonly rejected?: string;
  readonly service?: string;
  readonly state?: readonly string[];
  readonly file?: string;
  readonly fromStage?: string;
  readonly onlyFailed?: boolean;
  readonly idempotencyKey?: string;
  readonly wait?: boolean;
  readonly cancel?: boolean;
  readonly class?: readonly string[];
  readonly group?: boolean;
  readonly replayOf?: string;
}

const RECORD_STATUSES = ['pending', 'completed', 'failed', 'cancelled'];
const COMPLETIONS = ['pending', 'awaiting_children', 'done', 'failed', 'cancelled'];
const EXECUTION_STATUSES = ['running', 'completed', 'failed', 'cancelled'];
const RECORDER_STATES = ['alive', 'stuck', 'gone', 'closed', 'silent'];
const EXECUTION_COMPLETIONS = ['running', 'awaiting_records', 'done', 'failed', 'cancelled'];

const DIFF_CLASSES = [
  'newly_failing',
  'missing',
  'newly_cancelled',
  'failing_differently',
  'failing_same',
  'pending',
  'output_changed',
  'extra',
  'fixed',
  'identical',
  'slower',
];

/** Options that every command takes. */
export function commonOptions(command: Command): Command {
  return command
    .optionsGroup('Options of every command:')
    .addOption(
      new Option(
        '-o, --output <format>',
        'table (default on a terminal), json (default elsewhere) or jsonl',
      ).choices(['table', 'json', 'jsonl']),
    )
    .addOption(
      new Option('--time-format <format>', 'times in tables (default: relative)').choices([
        'relative',
        'iso',
      ]),
    )
    .option('--no-color', 'no colour, also with NO_COLOR in the environment')
    .option('--url <url>', 'where the query app answers (default: http://127.0.0.1:4000)')
    .option(
      '--command-url <url>',
      'where the command app answers, for commands that write (default: http://127.0.0.1:4001)',
    )
    .option('--token <token>', 'sent as a bearer token; FACTFLOW_TOKEN keeps it out of the list of processes')
    .option(
      '--timeout <time>',
      'longest wait for an answer, such as 30s or 500ms (default: 30s)',
      durationOf,
    );
}

export const executionOption = (command: Command): Command =>
  command.option('--execution <id>', 'the execution it is in', idOf);

export const limitOption = (command: Command, byDefault = 'default: 50'): Command =>
  command.option(
    '--limit <count>',
    `at most so many, over as many pages as it takes (${byDefault})`,
    countOf,
  );

export const verifyOptions = (command: Command): Command =>
  command
    .option('--no-payloads', 'leave out the bytes in the payload store')
    .option('--limit <count>', 'findings of one kind that are told (default: 100, at most 1000)', countOf);

export const followOption = (command: Command): Command =>
  command.option('--follow', 'go on printing new ones until Ctrl-C');

/** What lists of records can be narrowed by; all that is given must hold. */
export const recordFilters = (command: Command): Command =>
  executionOption(command)
    .option('--status <words>', `any of ${RECORD_STATUSES.join(', ')}`, oneOrMoreOf(RECORD_STATUSES))
    .option('--completion <words>', `any of ${COMPLETIONS.join(', ')}`, oneOrMoreOf(COMPLETIONS))
    .option('--adapter <name>', 'of this adapter')
    .option('--route <name>', 'of this route')
    .option('--batch <id>', 'of this batch', idOf)
    .option('--parent <id>', 'whose parent_id is this', idOf)
    .option('--input-hash <hash>', 'whose input has this hash')
    .option('--output-hash <hash>', 'whose output has this hash')
    .option('--after <time>', 'started at this time or later, such as 2026-11-22T20:34:00Z')
    .option('--before <time>', 'started before this time');

export const diffOptions = (command: Command): Command =>
  command.option('--class <words>', `rows of any of ${DIFF_CLASSES.join(', ')}`, oneOrMoreOf(DIFF_CLASSES));

export const stalledOption = (command: Command): Command =>
  command.option('--stalled', 'pending, and of a recorder that is gone');

export const groupOption = (command: Command): Command =>
  command.option('--group', 'what went wrong and how often, and how much of it is fixed, instead of records');

export const sortOption = (command: Command): Command =>
  command.addOption(
    new Option('--sort <order>', 'oldest first or newest first (default: -started_at)').choices([
      'started_at',
      '-started_at',
    ]),
  );

export const pruneOptions = (command: Command): Command =>
  command
    .requiredOption(
      '--before <date>',
      'executions whose last event is earlier, such as 2026-01-31 (midnight UTC) or 2026-01-31T06:00:00+01:00',
    )
    .option('--dry-run', 'only count what would go');

export const reasonOption = (command: Command): Command =>
  command.option('--reason <text>', 'why, for whoever asks later');

export const replayOptions = (command: Command): Command =>
  reasonOption(
    command
      .option('--from-stage <adapter>', 'the adapter that its messages are put through once more')
      .option('--route <name>', 'only in this route')
      .option('--only-failed', 'only what failed, and no attempt at it completed')
      .option('--dry-run', 'only say what would happen'),
  )
    .option('--idempotency-key <key>', 'typed again with the same key, there is still one replay')
    .option('--wait', 'wait for its end; without --from-stage, the id is that of a replay to wait for')
    .option('--cancel', 'cancel the replay that has the id');

export const cancelOptions = (command: Command): Command =>
  executionOption(command).requiredOption('--reason <text>', 'why, for whoever asks later');

export const importOptions = (command: Command): Command =>
  command
    .option('--rejected <file>', 'a new file for the events that are rejected, with the reasons')
    .option('--force', 'send a spool that its process is shipping as well')
    .option(
      '--gone',
      'spools of other machines or containers: their processes are gone, nothing more is to come',
    );

export const oneExecution = (command: Command): Command =>
  command.requiredOption('--execution <id>', 'the execution', idOf);

export const fileOption = (command: Command): Command =>
  command.option(
    '--file <path>',
    'where to save them: the file is there whole, or as it was before; - is stdout',
    fileOf,
  );

/** What lists of recorders can be narrowed by. */
export const recorderFilters = (command: Command): Command =>
  command
    .option('--service <name>', 'of this service')
    .option('--state <words>', `any of ${RECORDER_STATES.join(', ')}`, oneOrMoreOf(RECORDER_STATES));

/** What lists of executions can be narrowed by. */
export const executionFilters = (command: Command): Command =>
  command
    .option('--status <words>', `any of ${EXECUTION_STATUSES.join(', ')}`, oneOrMoreOf(EXECUTION_STATUSES))
    .option(
      '--completion <words>',
      `any of ${EXECUTION_COMPLETIONS.join(', ')}`,
      oneOrMoreOf(EXECUTION_COMPLETIONS),
    )
    .option('--name <name>', 'of this name')
    .option('--replay-of <id>', 'replays of this execution', idOf)
    .option('--after <time>', 'started at this time or later')
    .option('--before <time>', 'started before this time');

export const chainOptions = (command: Command): Command =>
  limitOption(command, 'default: all of the chain')
    .addOption(
      new Option('--direction <way>', 'which way to go (default: both)').choices([
        'both',
        'ancestors',
        'descendants',
      ]),
    )
    .option('--depth <steps>', 'how many steps to go at most (default: all the way)', countOf)
    .option('--no-fold', 'draw every record, however many are alike');
