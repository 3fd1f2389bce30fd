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
export { JsonLogger, type LoggerOptions } from './logger';
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
export { invalidRequest, RequestValidationPipe } from './validation.pipe';
