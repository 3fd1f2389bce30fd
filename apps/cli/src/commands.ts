import type { Command } from 'commander';
import { keyOf } from './option-values';
import * as options from './options';
import type { Action } from './session';

/** The nouns. */
export const GROUPS = {
  lineage: 'records: one message in one adapter each',
  execution: 'runs of a pipeline',
  storage: 'the bytes of messages',
} as const;

/** A command: `factflow <group> <verb>`, or `factflow <verb>`. */
export interface CommandSpec {
  readonly group?: keyof typeof GROUPS;
  readonly verb: string;
  readonly about: string;
  /** What its id is the id of; a command without takes no argument. */
  readonly argument?: string;
  /** Reads that argument, where it is no id. */
  readonly readArgument?: (text: string) => string;
  /** What its second id is the id of, if it takes one. */
  readonly second?: string;
  /** What the files are that it reads; a command without takes none. */
  readonly files?: string;
  /** What its help says at the end. */
  readonly more?: string;
  readonly options: readonly ((command: Command) => Command)[];
  /** Loads its code, when it is run: `--help` needs none of it. */
  readonly load: () => Promise<Action>;
}

const { executionOption, followOption, limitOption, recordFilters, sortOption } = options;

const IMPORT_MORE = `What a line is tells its content, whatever the file is called. Of a folder that is no spool, spools below it and files
named *.ndjson, *.jsonl and *.log (or those with .rejected) are taken. No file is changed or removed, and importing again
is safe: what is stored already is counted as a duplicate. Exit code 1: something was rejected, or no event.`;

const STORAGE_MORE = `Without --file the bytes go to stdout as they are. On a terminal text is shown with its control characters escaped,
and anything else is not shown. Exit code 1: what came is not what the key stands for.`;

const REPLAY_MORE = `Services with a method marked @ReplayHandler for the adapter do the work. Before anything is queued every input is
read: where one is missing, damaged, redacted or cannot be read, nothing happens. Ctrl-C while waiting leaves the
replay running. With --wait it ends with what became of the messages, as execution diff shows it, and with its exit code.`;

const DIFF_MORE = `Messages are paired by what they replay, else by adapter and input. Exit code 1: b is worse (something is newly
failing, missing, newly cancelled, or extra and failing), or it has not finished, so that nothing is proved.`;

export const COMMANDS: readonly CommandSpec[] = [
  {
    group: 'lineage',
    verb: 'list',
    about: 'records that match all filters',
    options: [recordFilters, options.stalledOption, sortOption, limitOption, followOption],
    load: async () => (await import('./lineage/list')).listRecords,
  },
  {
    group: 'lineage',
    verb: 'get',
    about: 'one record',
    argument: 'id of a record',
    options: [executionOption],
    load: async () => (await import('./lineage/get')).getRecord,
  },
  {
    group: 'lineage',
    verb: 'chain',
    about: 'a record with all that led to it and all that came of it',
    argument: 'id of a record',
    options: [executionOption, options.chainOptions],
    load: async () => (await import('./lineage/chain')).showChain,
  },
  {
    group: 'lineage',
    verb: 'children',
    about: 'the direct children of a record, joins included',
    argument: 'id of a record',
    options: [executionOption, limitOption],
    load: async () => (await import('./lineage/children')).listChildren,
  },
  {
    group: 'lineage',
    verb: 'events',
    about: 'the facts known about a record, conflicts marked',
    argument: 'id of a record',
    options: [executionOption, limitOption],
    load: async () => (await import('./lineage/events')).listEvents,
  },
  {
    group: 'lineage',
    verb: 'failures',
    about: 'failed records, the latest failure first, or what went wrong and how often',
    options: [recordFilters, options.groupOption, limitOption, followOption],
    load: async () => (await import('./lineage/failures')).listFailures,
  },
  {
    group: 'lineage',
    verb: 'stats',
    about: 'counts and durations of an execution, totals first',
    options: [executionOption, (command) => limitOption(command, 'default: 1000')],
    load: async () => (await import('./lineage/stats')).showStats,
  },
  {
    group: 'lineage',
    verb: 'batch',
    about: 'the records of a batch, oldest first',
    argument: 'id of a batch',
    options: [executionOption, limitOption],
    load: async () => (await import('./lineage/batch')).listBatch,
  },
  {
    group: 'lineage',
    verb: 'cancel',
    about: 'close a pending record that nothing else will end',
    argument: 'id of a record',
    options: [options.cancelOptions],
    load: async () => (await import('./lineage/cancel')).cancelRecord,
  },
  {
    group: 'lineage',
    verb: 'verify',
    about: 'hold what is stored against the events (exit code 1: something differs)',
    options: [executionOption, options.verifyOptions],
    load: async () => (await import('./lineage/verify')).verifyLineage,
  },
  {
    group: 'lineage',
    verb: 'import',
    about: 'send events that services kept because nobody took them',
    files: 'spools, structured logs, files of rejected events, folders of these; - is stdin',
    more: IMPORT_MORE,
    options: [options.importOptions],
    load: async () => (await import('./lineage/import')).importFiles,
  },
  {
    group: 'lineage',
    verb: 'prune',
    about: 'remove whole executions that are over, but for pinned ones',
    options: [options.pruneOptions],
    load: async () => (await import('./lineage/prune')).pruneExecutions,
  },
  {
    group: 'execution',
    verb: 'list',
    about: 'executions that match all filters, the latest start first',
    options: [options.executionFilters, limitOption],
    load: async () => (await import('./execution/list')).listExecutions,
  },
  {
    group: 'execution',
    verb: 'get',
    about: 'one execution: its counts, what failed in it, what was replayed from it',
    argument: 'id of an execution',
    options: [],
    load: async () => (await import('./execution/get')).getExecution,
  },
  {
    group: 'execution',
    verb: 'wait',
    about:
      'wait until an execution is done (exit code 0), has failed or was cancelled (1); --timeout limits the wait',
    argument: 'id of an execution',
    options: [],
    load: async () => (await import('./execution/wait')).waitForExecution,
  },
  {
    group: 'execution',
    verb: 'diff',
    about: 'what became of the messages of one execution in another, such as its replay',
    argument: 'id of the execution to compare with (a)',
    second: 'id of the execution that is judged (b)',
    more: DIFF_MORE,
    options: [options.diffOptions, limitOption],
    load: async () => (await import('./execution/diff')).diffExecutions,
  },
  {
    group: 'execution',
    verb: 'pin',
    about: 'keep an execution, however old it is: it is never pruned',
    argument: 'id of an execution',
    options: [options.reasonOption],
    load: async () => (await import('./execution/pin')).pinExecution,
  },
  {
    group: 'execution',
    verb: 'unpin',
    about: 'let an execution be pruned when its time has come',
    argument: 'id of an execution',
    options: [],
    load: async () => (await import('./execution/pin')).unpinExecution,
  },
  {
    group: 'execution',
    verb: 'replay',
    about: 'put the messages of a stage through it once more, with the same bytes, in a new execution',
    argument: 'id of an execution; with --wait or --cancel alone, of one that replays',
    more: REPLAY_MORE,
    options: [options.replayOptions],
    load: async () => (await import('./execution/replay')).replayExecution,
  },
  {
    group: 'storage',
    verb: 'list',
    about: 'the payloads that the records of an execution name',
    options: [options.oneExecution, limitOption],
    load: async () => (await import('./storage/list')).listPayloads,
  },
  {
    group: 'storage',
    verb: 'get',
    about: 'the bytes of a payload, verified by their digest',
    argument: 'key of a payload, as records show it',
    readArgument: keyOf,
    more: STORAGE_MORE,
    options: [options.fileOption],
    load: async () => (await import('./storage/get')).getPayload,
  },
  {
    verb: 'recorders',
    about: 'the recorders of services, what they say of themselves and what is missing of them',
    options: [options.recorderFilters, limitOption],
    load: async () => (await import('./recorders/list')).listRecorders,
  },
];
