import { formatTime } from '@factflow/domain';
import { ApiId, ApiProblems, IdPipe } from '@factflow/server';
import type { Pin } from '@factflow/store';
import { Body, Controller, Delete, Header, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { JsonBody } from '../http/json-body';
import { UNAVAILABLE } from '../http/problems';
import { ChangePin } from './change-pin';
import { PinDto, PinRequest } from './pins.dto';

const PROBLEMS = {
  400: 'The id, or the reason, is not valid; `errors` names it',
  404: 'There is no such execution, or it was pruned; `detail` says which',
  503: UNAVAILABLE,
};

@ApiTags('executions')
@Controller('executions/:id/pin')
export class PinsController {
  constructor(private readonly commands: CommandBus) {}

  @Put()
  @JsonBody()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Pin an execution: it is never pruned',
    description: 'Done again, the pin keeps its time and takes the new reason, or none.',
  })
  @ApiId()
  @ApiOkResponse({ type: PinDto })
  @ApiProblems(PROBLEMS)
  async pin(@Param('id', IdPipe) id: string, @Body() { reason = null }: PinRequest): Promise<PinDto> {
    return answerOf(id, await this.commands.execute(new ChangePin(id, { reason })));
  }

  @Delete()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Take the pin of an execution away, if it has one' })
  @ApiId()
  @ApiOkResponse({ type: PinDto })
  @ApiProblems(PROBLEMS)
  async unpin(@Param('id', IdPipe) id: string): Promise<PinDto> {
    return answerOf(id, await this.commands.execute(new ChangePin(id, null)));
  }
}

const answerOf = (id: string, pin: Pin | null): PinDto => ({
  execution_id: id,
  pinned: pin !== null,
  pinned_at: pin && formatTime(pin.pinnedAt.getTime()),
  reason: pin && pin.reason,
});
