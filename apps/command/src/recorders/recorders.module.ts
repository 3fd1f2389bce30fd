import { Module } from '@nestjs/common';
import { RecordHeartbeatHandler } from './record-heartbeat';
import { RecordersController } from './recorders.controller';

/** What recorders say of themselves. */
@Module({ controllers: [RecordersController], providers: [RecordHeartbeatHandler] })
export class RecordersModule {}
