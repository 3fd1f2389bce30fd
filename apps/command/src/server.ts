import { LIMITS } from '@factflow/domain';
import { bootstrapServer, serveOpenApi, type RunningServer, type ServerOptions } from '@factflow/server';
import { isDatabaseUnavailable } from '@factflow/store';
import { fileURLToPath } from 'node:url';
import { AppModule } from './app.module';
import type { CommandConfig } from './config';
import { STATUS_BY_CODE } from './executions/execution-error';
import { addBodyParsers } from './http/json-body';
import { acceptOpaqueBodies } from './http/opaque-body';
import { FORMATS } from './ingest/ingest.controller';
import type { UploadLimits } from './payloads/arriving';
import { PAYLOAD_STATUS_BY_CODE } from './payloads/payload-problems';
import { PRUNE_STATUS_BY_CODE } from './maintenance/prune.controller';
import { REPLAY_STATUS_BY_CODE } from './replay/replay-error';

/** Where the build puts the program of the ingest threads: beside the app. */
const INGEST_WORKER = fileURLToPath(new URL('./ingest.worker.mjs', import.meta.url));

/** What specs have otherwise. */
export interface ServerOverrides extends Partial<
  Pick<ServerOptions, 'logDestination' | 'shutdownTimeoutMs'>
> {
  readonly ingestWorker?: string;
  readonly uploadLimits?: Partial<UploadLimits>;
}

/** Starts the command app. The database may be away: requests are answered with 503 until it is there. */
export const startServer = (
  config: CommandConfig,
  { ingestWorker = INGEST_WORKER, uploadLimits, ...overrides }: ServerOverrides = {},
): Promise<RunningServer> =>
  bootstrapServer(AppModule.forRoot({ ...config, uploadLimits }, ingestWorker), {
    name: 'command',
    host: config.host,
    port: config.port,
    portVariable: 'FACTFLOW_COMMAND_PORT',
    logLevel: config.logLevel,
    // Of what is sent: compressed or not, it is never larger than what may come out.
    bodyLimitBytes: LIMITS.batchBytes,
    problems: {
      statusByCode: {
        ...STATUS_BY_CODE,
        ...PRUNE_STATUS_BY_CODE,
        ...PAYLOAD_STATUS_BY_CODE,
        ...REPLAY_STATUS_BY_CODE,
      },
      isUnavailable: isDatabaseUnavailable,
    },
    configure: (app) => {
      addBodyParsers(app, Object.keys(FORMATS));
      acceptOpaqueBodies(app.getHttpAdapter().getInstance());
      serveOpenApi(app, {
        title: 'Factflow Lineage: command',
        description: 'Takes lineage events in.',
        version: '1',
      });
    },
    ...overrides,
  });
