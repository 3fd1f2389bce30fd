import { Module, type DynamicModule } from '@nestjs/common';
import type { CommandConfig } from '../config';
import { Database } from '../database/database';
import { BuryJobs } from './bury-jobs';
import { CancelReplayHandler } from './cancel-replay';
import { TakeOut } from './cancel-work';
import { CloseReplay } from './close-replay';
import { ExpireLeases } from './expire-leases';
import { ExtendLeaseHandler } from './extend-lease';
import { LeaseJobsHandler } from './lease-jobs';
import { QueueRecords } from './queue-records';
import { ReadInputHandler } from './read-input';
import { ReadReplayHandler } from './read-replay';
import { ReplayEvents } from './replay-events';
import { ReplayQueue } from './replay-queue';
import { ReplayRounds } from './replay-rounds';
import { ReplaySource } from './replay-source';
import { ReplayWorkController } from './replay-work.controller';
import { ReplayController } from './replay.controller';
import { SettleJobHandler } from './settle-job';
import { StartReplayHandler } from './start-replay';
import { WorkBell } from './work-bell';

/** Puts messages through their adapters once more. */
@Module({})
export class ReplayModule {
  /** @param payloads the module that has the payload store */
  static forRoot(config: CommandConfig, payloads: DynamicModule): DynamicModule {
    const policy = { attempts: config.replayAttempts, retrySeconds: config.replayRetrySeconds };
    return {
      module: ReplayModule,
      imports: [payloads],
      controllers: [ReplayController, ReplayWorkController],
      providers: [
        {
          provide: ReplaySource,
          inject: [Database],
          useFactory: (database: Database) => new ReplaySource(database, config.databaseUrl),
        },
        {
          provide: ReplayQueue,
          inject: [ReplaySource],
          useFactory: (source: ReplaySource) => new ReplayQueue(source, policy),
        },
        {
          provide: ExpireLeases,
          inject: [ReplaySource, ReplayQueue],
          useFactory: (source: ReplaySource, queue: ReplayQueue) => new ExpireLeases(source, queue, policy),
        },
        BuryJobs,
        CancelReplayHandler,
        CloseReplay,
        ExtendLeaseHandler,
        LeaseJobsHandler,
        QueueRecords,
        ReadInputHandler,
        ReadReplayHandler,
        ReplayEvents,
        ReplayRounds,
        SettleJobHandler,
        StartReplayHandler,
        TakeOut,
        WorkBell,
      ],
    };
  }
}
