import { createLineageClient, type LineageClient, type Problem } from '@factflow/client';
import { CliError, EXIT, type ExitCode } from './cli-error';
import type { Context } from './context';
import { idOf } from './options';
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

/** @param command what was typed, without options: shown where it has to be typed again with more of them */
export function createApi(context: Context, settings: Settings, command: string): Api {
  const { url, token, timeoutMs } = settings;
  const client = createLineageClient({ url, token, timeoutMs, fetch: context.fetch });
  return {
    ask: async <Data>(call: (client: LineageClient) => Promise<Answer>): Promise<Data> => {
      const { data, error, response } = await call(client).catch((cause: unknown) => {
        throw unanswered(cause, settings);
      });
      if (response.ok && data !== undefined && data !== null && typeof data === 'object') return data as Data;
      throw isProblem(error) ? refused(error, url, command) : somebodyElse(response.status, url);
    },
  };
}

/** No answer, or not all of it. Whoever aborted the request knows already and gets the cause back. */
export function unanswered(cause: unknown, { url, timeoutMs }: Pick<Settings, 'url' | 'timeoutMs'>): Error {
  if (cause instanceof CliError) return cause;
  const { name } = cause as { readonly name?: string };
  if (name === 'AbortError') return cause as Error;
  if (name === 'SyntaxError') return somebodyElse(200, url);
  if (name === 'TimeoutError') {
    return new CliError(EXIT.unreachable, `${url} did not answer within ${timeoutMs / 1000} s.`, {
      meaning: ['The query app may be busy; --timeout sets a longer wait.'],
    });
  }
  return new CliError(EXIT.unreachable, `The query app cannot be reached at ${url} (${reasonOf(cause)}).`, {
    meaning: ['It is not running, or it runs at another address: --url or FACTFLOW_URL names it.'],
    next: ['npm run start:query'],
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

const somebodyElse = (status: number, url: string): CliError =>
  new CliError(EXIT.failed, `What answers at ${url} is not the query app (status ${status}).`, {
    meaning: ['--url or FACTFLOW_URL names the address of the query app.'],
  });

const EXIT_BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  404: EXIT.notFound,
  409: EXIT.usage,
};

function refused(problem: Problem, url: string, command: string): CliError {
  const { status, title, detail, code, errors = [] } = problem;
  const message = detail ?? title;
  if (code === 'ambiguous_record') return chooseExecution(problem, command);
  const meaning = errors.map(({ field, message: text }) => `${field}: ${text}`);
  if (status === 404 && code === undefined) return somebodyElse(status, url);
  if (status === 404)
    meaning.push(`It may not have arrived yet, or be kept elsewhere: this is what ${url} knows.`);
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
