import 'reflect-metadata';
import type { DynamicModule, SecurityHeadersOptions, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DestinationStream, Level } from 'pino';
import { answerClientError, answerFrameworkError } from './framework-errors';
import { JsonLogger } from './logger';
import { acceptLoopbackHostOnly, isLoopback } from './loopback-host';
import type { ProblemOptions } from './problem-mapping';
import { ProblemFilter } from './problem.filter';
import { StartupError } from './startup-error';
import { RequestValidationPipe } from './validation.pipe';

/** Before every route but those of {@link UNPREFIXED}. */
export const API_PREFIX = 'api/v1';
const UNPREFIXED = ['health/live', 'health/ready', 'metrics'];

export interface ServerOptions {
  /** Name of the app in its log, such as `command`. */
  readonly name: string;
  /** Address to listen on. On a loopback address only requests for a loopback `Host` are answered. */
  readonly host: string;
  /** Port to listen on; 0 lets the system choose. */
  readonly port: number;
  /** The variable that sets `port`, named when the port cannot be had. */
  readonly portVariable: string;
  /** Largest request body, as sent, in bytes; default 1 MiB. Routes may set another one. */
  readonly bodyLimitBytes?: number;
  /** How long requests in flight may take to end at shutdown before they are broken off; default 10,000. */
  readonly shutdownTimeoutMs?: number;
  readonly problems?: ProblemOptions;
  readonly logLevel?: Level;
  readonly logDestination?: DestinationStream;
  /** Called before the routes are made: content type parsers, hooks, the OpenAPI document. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

export interface RunningServer {
  readonly app: NestFastifyApplication;
  /** Such as `http://127.0.0.1:4001`, with the port that was really taken. */
  readonly url: string;
}

/**
 * Starts an app and returns when it listens; SIGINT, SIGTERM and SIGHUP then close it.
 * @throws {StartupError} when the address cannot be had
 */
export async function bootstrapServer(
  module: Type | DynamicModule,
  options: ServerOptions,
): Promise<RunningServer> {
  const logger = new JsonLogger({
    name: options.name,
    level: options.logLevel,
    destination: options.logDestination,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, createAdapter(options), {
    logger,
    bodyParser: false, // Fastify's own JSON parser stays, the one for forms does not come
    abortOnError: false,
    forceCloseConnections: false,
  });
  try {
    await prepare(app, options);
    const url = await listen(app, options);
    logger.log(`${options.name} listening on ${url}`);
    return { app, url };
  } catch (error) {
    await app.close();
    throw error;
  }
}

function createAdapter({ bodyLimitBytes = 1024 * 1024 }: ServerOptions): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    requestTimeout: 120_000,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
  });
}

async function prepare(app: NestFastifyApplication, options: ServerOptions): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeContentTypeParser('text/plain');
  const patience = options.shutdownTimeoutMs ?? 10_000;
  fastify.addHook('preClose', (done) => {
    setTimeout(() => fastify.server.closeAllConnections(), patience).unref();
    done();
  });
  if (isLoopback(options.host)) acceptLoopbackHostOnly(fastify);
  app.useSecurityHeaders(SECURITY_HEADERS);
  app.useGlobalFilters(new ProblemFilter(options.problems));
  app.useGlobalPipes(new RequestValidationPipe());
  app.setGlobalPrefix(API_PREFIX, { exclude: UNPREFIXED });
  app.enableShutdownHooks(['SIGINT', 'SIGTERM', 'SIGHUP'], { useProcessExit: true });
  await options.configure?.(app);
}

/** The defaults suit an API that also shows its documentation; TLS is the business of whoever stands before it. */
const SECURITY_HEADERS: SecurityHeadersOptions = {
  strictTransportSecurity: false,
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
};

async function listen(app: NestFastifyApplication, options: ServerOptions): Promise<string> {
  const { host, port, portVariable } = options;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw startupError(error, `${host}:${port}`, portVariable);
  }
  const address = app.getHttpServer().address();
  const taken = typeof address === 'object' && address ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}

function startupError(error: unknown, address: string, portVariable: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartupError(
        `${address} is in use: end what listens there, or set ${portVariable} to a free port.`,
      );
    case 'EACCES':
      return new StartupError(`${address} needs more rights: set ${portVariable} to a port above 1023.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartupError(`${address} is no address of this machine: set FACTFLOW_HOST to one.`);
    default:
      return error;
  }
}
