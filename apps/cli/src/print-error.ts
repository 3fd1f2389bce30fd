import pc from 'picocolors';
import { CliError } from './cli-error';
import type { Context } from './context';
import { safeText } from './safe-text';

/** The one place that tells why a command did not go well: what happened, what it means, what to type next. */
export function printError({ stderr, environment }: Context, reason: unknown): void {
  const { red } = pc.createColors(
    stderr.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb',
  );
  const { message, more } = reason instanceof CliError ? reason : unforeseen(reason);
  const lines = [`${red('error:')} ${safeText(message)}`, ...(more.meaning ?? []).map(safeText)];
  if (more.next?.length) lines.push('', ...more.next.map((command) => `  ${safeText(command)}`));
  stderr.write(`${lines.join('\n')}\n`);
}

const unforeseen = (reason: unknown): Pick<CliError, 'message' | 'more'> => ({
  message: `factflow failed: ${reason instanceof Error ? reason.message : String(reason)}`,
  more: { meaning: ['This is a mistake in factflow itself, not in what you typed.'] },
});
