import { HttpException } from '@nestjs/common';
import { ProblemError, type FieldError, type ProblemInit } from './problem';

/** How the errors of the layers below, which know nothing of HTTP, become answers. */
export interface ProblemOptions {
  /** Status by the `code` of an error, such as `{ record_not_found: 404 }`; `message` becomes the detail, 503 has `Retry-After`. */
  readonly statusByCode?: Readonly<Record<string, number>>;
  /** True for errors without such a code that say the database cannot be reached now: they become 503 with `Retry-After`. */
  readonly isUnavailable?: (error: unknown) => boolean;
  /** Seconds in `Retry-After`; default 5. */
  readonly retryAfterSeconds?: number;
}

/** Any error as a problem. What nobody foresaw is a 500 that says nothing of its cause: that belongs in the log. */
export function toProblemError(error: unknown, options: ProblemOptions = {}): ProblemError {
  if (error instanceof ProblemError) return error;
  const named = fromCode(error, options);
  if (named) return named;
  if (options.isUnavailable?.(error)) return unavailable(options.retryAfterSeconds ?? 5);
  return fromHttp(error) ?? unexpected();
}

/** The answer while the database is away; `Retry-After` in seconds. */
export function unavailable(retryAfterSeconds: number): ProblemError {
  return new ProblemError(
    {
      status: 503,
      code: 'unavailable',
      detail: 'The database cannot be reached now; send the same request again later.',
    },
    { 'retry-after': String(retryAfterSeconds) },
  );
}

const unexpected = (): ProblemError =>
  new ProblemError({
    status: 500,
    detail: 'The request could not be answered; the log of the server says why.',
  });

function fromCode(
  error: unknown,
  { statusByCode = {}, retryAfterSeconds = 5 }: ProblemOptions,
): ProblemError | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const { code, message } = error;
  if (!Object.hasOwn(statusByCode, code)) return undefined;
  const errors = 'errors' in error && isFieldErrors(error.errors) ? error.errors : undefined;
  const status = statusByCode[code] as number;
  const headers: Record<string, string> = status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {};
  return new ProblemError({ status, code, detail: message, errors }, headers);
}

const isFieldErrors = (value: unknown): value is readonly FieldError[] =>
  Array.isArray(value) &&
  value.every((item) => typeof item?.field === 'string' && typeof item?.message === 'string');

/** Errors of Nest carry a status, those of Fastify a `statusCode`; both describe the request, unless it is 5xx. */
function fromHttp(error: unknown): ProblemError | undefined {
  const status = statusOf(error);
  if (status === undefined || !(error instanceof Error)) return undefined;
  if (status >= 500) return status === 500 ? undefined : new ProblemError({ status });
  const known = FRAMEWORK_ERRORS[(error as { code?: string }).code ?? ''];
  return new ProblemError(known ?? { status, detail: error.message });
}

/** What the framework says of bodies before any route is called, in our words. */
const FRAMEWORK_ERRORS: Readonly<Record<string, ProblemInit>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'unsupported_media_type',
    detail: 'The content-type of the body is not taken here; send application/json.',
    errors: [{ field: 'content-type', message: 'must be application/json' }],
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: 'body_too_large',
    detail: 'The body is larger than is taken at once; send it in smaller parts.',
    errors: [{ field: 'body', message: 'is larger than is taken at once' }],
  },
};

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
