import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Level, type Logger } from 'pino';

/** Nest tells every route and module at start-up: of use when looking for a fault, noise otherwise. */
const CHATTY = new Set([
  'InstanceLoader',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'NestApplication',
]);

export interface LoggerOptions {
  /** Name of the app, in every line. */
  readonly name: string;
  /** Least level that is written; default `info`. */
  readonly level?: Level;
  /** Where lines go; default standard output. */
  readonly destination?: DestinationStream;
}

/** One JSON object a line. Messages only: no request, body or header is ever logged. */
export class JsonLogger implements LoggerService {
  private readonly pino: Logger;

  constructor({
    name,
    level = 'info',
    destination = pino.destination({ dest: 1, sync: true }),
  }: LoggerOptions) {
    this.pino = pino({ name, level, base: { name, pid: process.pid } }, destination);
  }

  log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    this.write(typeof context === 'string' && CHATTY.has(context) ? 'debug' : 'info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  /** Nest passes `(message, stack, context)`, of which the stack may be missing. */
  error(message: unknown, ...rest: unknown[]): void {
    const stack = rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
    this.write('error', message, rest, stack);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  private write(level: Level, message: unknown, rest: unknown[], stack?: string): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : undefined;
    const trace = stack ?? (message instanceof Error ? message.stack : undefined);
    const text =
      message instanceof Error
        ? message.message
        : typeof message === 'string'
          ? message
          : JSON.stringify(message);
    this.pino[level]({ ...(context && { context }), ...(trace && { stack: trace }) }, text);
  }
}
