import { Command, CommanderError } from 'commander';
import { CliError, EXIT, type ExitCode } from './cli-error';
import type { Context } from './context';
import { COMMANDS, GROUPS, type CommandSpec } from './commands';
import { idOf } from './option-values';
import { commonOptions, type Options } from './options';
import { printError } from './print-error';

/**
 * Runs a command line, without the names of node and program.
 * @returns the exit code: 0 fine, 1 failed, 2 usage, 3 not found, 4 unreachable
 */
export async function run(context: Context, argv: readonly string[]): Promise<number> {
  let exitCode: ExitCode = EXIT.fine;
  const program = programOf(context, (code) => {
    exitCode = code;
  });
  try {
    await addCompletion(program, argv[0] === 'complete');
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    const reason = error instanceof CommanderError ? misused(error, argv, program) : error;
    if (reason === undefined) return EXIT.fine;
    printError(context, reason);
    return reason instanceof CliError ? reason.exitCode : EXIT.failed;
  }
}

const HELPED = ['commander.helpDisplayed', 'commander.version'];

/** A mistake on the command line, or nothing: help that was asked for is an error to commander. */
function misused(error: CommanderError, argv: readonly string[], program: Command): CliError | undefined {
  if (HELPED.includes(error.code)) return undefined;
  const group = program.commands.find((command) => command.name() === argv[0]);
  const verb = group?.commands.find((command) => command.name() === argv[1]);
  const names = [program, group, verb].flatMap((command) => (command ? [command.name()] : []));
  const [message = '', ...meaning] =
    error.code === 'commander.help'
      ? [`${names.join(' ')} needs a command.`]
      : error.message.replace(/^error: /, '').split('\n');
  return new CliError(EXIT.usage, message, { meaning, next: [`${names.join(' ')} --help`] });
}

/** The command tree; `exit` is told the exit code of the command that ran. */
function programOf(context: Context, exit: (code: ExitCode) => void): Command {
  const program = new Command('factflow')
    .description('Reads the flight recorder of message pipelines.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      // Mistakes are told in one place, which is not here.
      writeErr: () => undefined,
      getOutHelpWidth: () => context.stdout.columns ?? 100,
    })
    .addHelpText('after', AFTERWORD);
  for (const [name, about] of Object.entries(GROUPS)) {
    const group = program.command(name).description(about);
    for (const spec of COMMANDS) if (spec.group === name) addCommand(group, spec, context, exit);
  }
  for (const spec of COMMANDS) if (spec.group === undefined) addCommand(program, spec, context, exit);
  return program;
}

const AFTERWORD = `
Settings come from flags, from the variables FACTFLOW_URL, FACTFLOW_COMMAND_URL, FACTFLOW_TOKEN, FACTFLOW_TIMEOUT,
FACTFLOW_OUTPUT and FACTFLOW_TIME_FORMAT, and from the JSON file that FACTFLOW_CONFIG names
(~/.config/factflow/config.json), in this order.
Exit codes: 0 fine, 1 failed, 2 usage, 3 not found, 4 unreachable.`;

function addCommand(
  group: Command,
  spec: CommandSpec,
  context: Context,
  exit: (code: ExitCode) => void,
): void {
  const command = group.command(spec.verb).description(spec.about);
  if (spec.argument !== undefined) {
    command.argument(spec.readArgument ? '<key>' : '<id>', spec.argument, spec.readArgument ?? idOf);
  }
  if (spec.second !== undefined) command.argument('<id>', spec.second, idOf);
  if (spec.files !== undefined) command.argument('<file...>', spec.files);
  if (spec.more !== undefined) command.addHelpText('after', `\n${spec.more}`);
  for (const add of [...spec.options, commonOptions]) add(command);
  // Commander gives the arguments, the options and the command itself.
  command.action(async (...given: unknown[]) => {
    const id = spec.argument === undefined ? '' : (given[0] as string);
    const [{ openSession }, action] = await Promise.all([import('./open-session'), spec.load()]);
    const second = spec.second === undefined ? [] : [given[1] as string];
    const rest = spec.files === undefined ? second : (given[0] as string[]);
    const options = given.at(-2) as Options;
    const reason = options.reason === undefined ? '' : `--reason ${quoted(options.reason)}`;
    const typed = [spec.group, spec.verb, id, ...second, reason].filter(Boolean).join(' ');
    exit(await action(openSession(context, options, typed), id, rest));
  });
}

/** A text as one word for a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** `complete SHELL` prints the script for a shell; `complete -- WORDS` answers that script's questions. */
async function addCompletion(program: Command, asked: boolean): Promise<void> {
  if (asked) {
    const { default: tab } = await import('@bomb.sh/tab/commander');
    tab(program);
    return;
  }
  program.command('complete <shell>').description('print completion for bash, zsh, fish or powershell');
}
