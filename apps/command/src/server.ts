import { LIMITS } from '@factflow/domain';
import { bootstrapServer, serveOpenApi, type RunningServer, type ServerOptions } from '@factflow/server';
import { isDatabaseUnavailable } from '@factflow/store';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module';
import type { CommandConfig } from './config';
import { FORMATS } from './ingest/ingest.controller';

/** Starts the command app. The database may be away: requests are answered with 503 until it is there. */
export const startServer = (
  config: CommandConfig,
  overrides: Partial<Pick<ServerOptions, 'logDestination' | 'shutdownTimeoutMs'>> = {},
): Promise<RunningServer> =>
  bootstrapServer(AppModule.forRoot(config), {
    name: 'command',
    host: config.host,
    port: config.port,
    portVariable: 'FACTFLOW_COMMAND_PORT',
    logLevel: config.logLevel,
    // Of what is sent: compressed or not, it is never larger than what may come out.
    bodyLimitBytes: LIMITS.batchBytes,
    problems: { isUnavailable: isDatabaseUnavailable },
    configure: (app) => {
      passBodiesUnread(app);
      serveOpenApi(app, {
        title: 'Factflow Lineage: command',
        description: 'Takes lineage events in.',
        version: '1',
      });
    },
    ...overrides,
  });

/** Bodies are inflated and counted by the route that takes them, not gathered by the framework. */
function passBodiesUnread(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeContentTypeParser(Object.keys(FORMATS));
  // Other types as well: the route says which it takes.
  for (const type of [...Object.keys(FORMATS), '*']) {
    fastify.addContentTypeParser(type, (_request, payload, done) => done(null, payload));
  }
}
