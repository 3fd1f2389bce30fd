import { Module } from '@nestjs/common';
import { ChangePinHandler } from './change-pin';
import { PinsController } from './pins.controller';

/** What operators do with whole executions. */
@Module({ controllers: [PinsController], providers: [ChangePinHandler] })
export class ExecutionsModule {}
