import { bootstrapServer, serveOpenApi, type RunningServer, type ServerOptions } from '@factflow/server';
import { isDatabaseUnavailable } from '@factflow/store';
import { AppModule, type AppLimits } from './app.module';
import type { QueryConfig } from './config';
import { STATUS_BY_CODE } from './database/query-error';
import { refuseMalformedQueries } from './http/malformed-query';
import { OPENAPI } from './openapi';
import { PAYLOAD_STATUS_BY_CODE } from './storage/payload-problems';

export type ServerOverrides = Partial<Pick<ServerOptions, 'logDestination' | 'shutdownTimeoutMs'>> &
  AppLimits;

/** Starts the query app. The database may be away: requests are answered with 503 until it is there. */
export const startServer = (
  config: QueryConfig,
  { traceLimit, diffLimit, ...overrides }: ServerOverrides = {},
): Promise<RunningServer> =>
  bootstrapServer(AppModule.forRoot(config, { traceLimit, diffLimit }), {
    name: 'query',
    host: config.host,
    port: config.port,
    portVariable: 'FACTFLOW_QUERY_PORT',
    logLevel: config.logLevel,
    problems: {
      statusByCode: { ...STATUS_BY_CODE, ...PAYLOAD_STATUS_BY_CODE },
      isUnavailable: isDatabaseUnavailable,
    },
    configure: (app) => {
      refuseMalformedQueries(app.getHttpAdapter().getInstance());
      serveOpenApi(app, OPENAPI);
    },
    ...overrides,
  });
