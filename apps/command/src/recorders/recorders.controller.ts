import { NO_RECORDER } from '@factflow/domain';
import { ApiId, ApiProblems, IdPipe, invalidRequest } from '@factflow/server';
import { Body, Controller, Header, HttpCode, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { JsonBody } from '../http/json-body';
import { UNAVAILABLE } from '../http/problems';
import { heartbeatOf, HeartbeatRequest } from './heartbeat.dto';
import { RecordHeartbeat } from './record-heartbeat';

@ApiTags('recorders')
@Controller('recorders/:id')
export class RecordersController {
  constructor(private readonly commands: CommandBus) {}

  @Put()
  @HttpCode(204)
  @JsonBody()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Heartbeat of a recorder',
    description:
      'Sent every 10 seconds, and once with `closed` when the recorder ends; without one for 30 seconds it counts as ' +
      'gone. Nothing goes backwards: the highest sequence stays the highest, and what is lost is added to.',
  })
  @ApiId()
  @ApiNoContentResponse({ description: 'Taken' })
  @ApiProblems({
    400: 'The id or a field is not valid; `errors` names it',
    503: UNAVAILABLE,
  })
  async heartbeat(@Param('id', IdPipe) id: string, @Body() request: HeartbeatRequest): Promise<void> {
    if (id === NO_RECORDER) throw invalidRequest([{ field: 'id', message: 'must not be all zeros' }]);
    await this.commands.execute(new RecordHeartbeat(id, heartbeatOf(request)));
  }
}
