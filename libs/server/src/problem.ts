import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';

/** What is wrong with one field of a request; `field` is its path on the wire, such as `metadata.name` or `items[0]`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** A problem document (RFC 9457), the body of every answer that is an error. */
export interface Problem {
  /** `urn:factflow:problem:<code>`, or `about:blank` when the status says it all. */
  readonly type: string;
  readonly title: string;
  /** HTTP status, as on the status line. */
  readonly status: number;
  /** What happened, and what to do about it. */
  readonly detail: string;
  readonly code?: string;
  readonly errors?: readonly FieldError[];
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** What {@link problemOf} and {@link ProblemError} are made from. */
export interface ProblemInit {
  readonly status: number;
  /** Stable, for programs: `snake_case`. */
  readonly code?: string;
  /** Default: the reason phrase of the status. */
  readonly title?: string;
  /** Default: what `errors` say, or else what the status does. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
}

/** A failure that knows its answer: throw it anywhere below a controller. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: string | undefined;
  readonly status: number;
  readonly title: string | undefined;
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    init: ProblemInit,
    /** Response headers, such as `Retry-After`. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(init.detail ?? init.title ?? init.code ?? reasonPhrase(init.status));
    this.code = init.code;
    this.status = init.status;
    this.title = init.title;
    this.detail = init.detail;
    this.errors = init.errors;
  }
}

const reasonPhrase = (status: number): string => STATUS_CODES[status] ?? 'Error';

const FIELDS_IN_DETAIL = 5;

/** What is to be said where nobody has said anything. */
function detailOf({ status, errors = [] }: ProblemInit): string {
  const sentences = errors
    .slice(0, FIELDS_IN_DETAIL)
    .map(({ field, message }) => (field === '' ? `The request ${message}.` : `The ${field} ${message}.`));
  if (sentences.length > 0) return sentences.join(' ');
  return status < 500
    ? 'The request cannot be answered as it is; the documentation under /api/docs says what can be asked for.'
    : 'The request could not be answered now; send it again later.';
}

/** The document for a problem; members without a value are left out. */
export function problemOf(init: ProblemInit): Problem {
  const { status, code, title, errors } = init;
  return {
    type: code === undefined ? 'about:blank' : `urn:factflow:problem:${code}`,
    title: title ?? reasonPhrase(status),
    status,
    detail: init.detail || detailOf(init),
    ...(code === undefined ? {} : { code }),
    ...(errors === undefined || errors.length === 0 ? {} : { errors }),
  };
}

/** Answers with a problem document. Serialised here, so that no serializer of a route can refuse it. */
export function sendProblem(
  reply: FastifyReply,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  void reply
    .code(problem.status)
    .headers(headers)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .serializer(String)
    .send(JSON.stringify(problem));
}
