import { createLineageClient, type LineageClient, type Problem } from '@factflow/client';
import { CliError, EXIT, type ExitCode } from './cli-error';
import type { Context } from './context';
import { idOf } from './option-values';
import { queryApp, type Peer } from './peer';
import type { Settings } from './settings';

/** What a call of the client gives. */
interface Answer {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * Asks the query app, and turns what is no answer into a {@link CliError}. `Data` is the type of the answer in the
 * client library: openapi-fetch derives its own from it, and that one loses the methods of read-only arrays.
 */
export interface Api {
  ask<Data>(call: (client: LineageClient) => Promise<Answer>): Promise<Data>;
}

/** @param command what was typed, with the options that it needs: shown where it has to be typed again with more of them */
export function createApi(context: Context, settings: Settings, command: string): Api {
  const { url, token, timeoutMs } = settings;
  const peer = queryApp(settings);
  const client = createLineageClient({ url, token, timeoutMs, fetch: context.fetch });
  return {
    ask: async <Data>(call: (client: LineageClient) => Promise<Answer>): Promise<Data> => {
      const { data, error, response } = await call(client).catch((cause: unknown) => {
        throw unanswered(cause, peer);
      });
      if (response.ok && data !== undefined && data !== null && typeof data === 'object') return data as Data;
      throw refusal(error, response.status, peer, command);
    },
  };
}

/** No answer, or not all of it. Whoever aborted the request knows already and gets the cause back. */
export function unanswered(cause: unknown, peer: Peer): Error {
  const { app, url, timeoutMs } = peer;
  if (cause instanceof CliError) return cause;
  const { name } = cause as { readonly name?: string };
  if (name === 'AbortError') return cause as Error;
  if (name === 'SyntaxError') return somebodyElse(200, peer);
  if (name === 'TimeoutError') {
    return new CliError(EXIT.unreachable, `${url} did not answer within ${timeoutMs / 1000} s.`, {
      meaning: [`The ${app} may be busy; --timeout sets a longer wait.`],
    });
  }
  return new CliError(EXIT.unreachable, `The ${app} cannot be reached at ${url} (${reasonOf(cause)}).`, {
    meaning: [
      `It is not running, or it runs at another address: ${peer.option} or ${peer.variable} names it.`,
    ],
    next: [peer.start],
  });
}

function reasonOf(cause: unknown): string {
  const { cause: inner, message } = cause as {
    cause?: { code?: string; message?: string };
    message?: string;
  };
  return inner?.code ?? inner?.message ?? message ?? String(cause);
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' &&
  value !== null &&
  'title' in value &&
  typeof value.title === 'string' &&
  'status' in value &&
  typeof value.status === 'number';

const somebodyElse = (status: number, { app, url, option, variable }: Peer): CliError =>
  new CliError(EXIT.failed, `What answers at ${url} is not the ${app} (status ${status}).`, {
    meaning: [`${option} or ${variable} names the address of the ${app}.`],
  });

/** An answer that is an error. @param command what was typed, with the options that it needs */
export const refusal = (body: unknown, status: number, peer: Peer, command: string): CliError =>
  isProblem(body) ? refused(body, peer, command) : somebodyElse(status, peer);

const EXIT_BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  404: EXIT.notFound,
  422: EXIT.usage,
};

function refused(problem: Problem, peer: Peer, command: string): CliError {
  const { status, title, detail, code, errors = [] } = problem;
  const message = detail ?? title;
  if (code === 'ambiguous_record') return chooseExecution(problem, command);
  const meaning = errors.map(({ field, message: text }) => `${field}: ${text}`);
  if (status === 404 && code === undefined) return somebodyElse(status, peer);
  if (status === 404 && code !== 'execution_pruned')
    meaning.push(`It may not have arrived yet, or be kept elsewhere: this is what ${peer.url} knows.`);
  if (status === 401 || status === 403) meaning.push('--token or FACTFLOW_TOKEN gives the token to send.');
  const away = status === 503 && code === 'unavailable';
  return new CliError(away ? EXIT.unreachable : (EXIT_BY_STATUS[status] ?? EXIT.failed), message, {
    meaning,
  });
}

function chooseExecution({ detail, title, errors = [] }: Problem, command: string): CliError {
  const next = errors.flatMap(({ message }) => {
    try {
      return [`factflow ${command} --execution ${idOf(message)}`];
    } catch {
      return [];
    }
  });
  return new CliError(EXIT.usage, detail ?? title, {
    meaning: ['Choose the execution that is meant:'],
    next,
  });
}
