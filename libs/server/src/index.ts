export { API_PREFIX, bootstrapServer, type RunningServer, type ServerOptions } from './bootstrap';
export {
  ConfigError,
  host,
  integer,
  oneOf,
  optional,
  port,
  readConfig,
  required,
  text,
  url,
  type ValueReader,
  type Variable,
} from './config';
export type { HealthOptions } from './health/health-options';
export { HealthModule } from './health/health.module';
export { ApiId, ID_EXPECTED, IdPipe } from './id.pipe';
export { JsonLogger, type LoggerOptions } from './logger';
export { MetricsModule } from './metrics/metrics.module';
export { ApiProblems, createOpenApiDocument, ProblemDto, serveOpenApi, type OpenApiOptions } from './openapi';
export { ApiPayloadKey, PayloadKeyPipe } from './payload-key.pipe';
export {
  PROBLEM_CONTENT_TYPE,
  ProblemError,
  problemOf,
  type FieldError,
  type Problem,
  type ProblemInit,
} from './problem';
export { toProblemError, unavailable, type ProblemOptions } from './problem-mapping';
export { ProblemFilter } from './problem.filter';
export { runMain, StartupError } from './startup-error';
export { streamOf } from './stream-of';
export { TakesNoParameters } from './takes-no-parameters';
export { invalidRequest, RequestValidationPipe } from './validation.pipe';
