import { ApiId, ApiProblems, IdPipe } from '@factflow/server';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { JsonBody } from '../http/json-body';
import { UNAVAILABLE } from '../http/problems';
import { CancelReplay } from './cancel-replay';
import { ReadReplay } from './read-replay';
import { planDtoOf, ReplayDto, replayDtoOf, ReplayPlanDto, ReplayRequestDto, requestOf } from './replay.dto';
import { StartReplay } from './start-replay';

const NO_REPLAY = 'The execution is no replay, or there is none';

@ApiTags('replay')
@Controller('executions/:id/replay')
export class ReplayController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @HttpCode(202)
  @JsonBody()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Replay an execution from a stage on',
    description:
      'The messages that went through an adapter go through it once more, in a new execution, with the same bytes. All of ' +
      'these are read before; where one is missing, not what it was, or redacted, nothing is queued. Of several attempts ' +
      'at a message one is replayed; messages whose record is pending are not. A join is replayed from its own input, or ' +
      'from the outputs of all its parents.',
  })
  @ApiId()
  @ApiExtraModels(ReplayPlanDto)
  @ApiAcceptedResponse({ type: ReplayDto })
  @ApiOkResponse({
    description: 'Asked for before under this key; or a dry run, and what would happen',
    schema: { oneOf: [ReplayDto, ReplayPlanDto].map((dto) => ({ $ref: getSchemaPath(dto) })) },
  })
  @ApiProblems({
    400: 'The id or a field is not valid; `errors` names it',
    404: 'There is no such execution, or it was pruned; `detail` says which',
    422: 'Nothing is selected, or inputs cannot be had (`errors` names up to 100 of their records), or the key was used for another request',
    503: 'The database or the payload store is away, or too much is being checked',
  })
  async start(
    @Param('id', IdPipe) id: string,
    @Body() dto: ReplayRequestDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReplayDto | ReplayPlanDto> {
    const request = requestOf(dto);
    const { idempotency_key: key = null, dry_run: dryRun } = dto;
    const started = await this.commands.execute(new StartReplay(id, request, key, dryRun ?? false));
    if (started.kind === 'possible') {
      void reply.code(200);
      return planDtoOf(id, request, started.selection);
    }
    if (started.kind === 'repeated') void reply.code(200);
    return replayDtoOf(await this.queries.execute(new ReadReplay(started.row.execution_id)));
  }

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'How far a replay is; the id is that of the execution that replays' })
  @ApiId()
  @ApiOkResponse({ type: ReplayDto })
  @ApiProblems({ 400: 'The id is not valid', 404: NO_REPLAY, 503: UNAVAILABLE })
  async progress(@Param('id', IdPipe) id: string): Promise<ReplayDto> {
    return replayDtoOf(await this.queries.execute(new ReadReplay(id)));
  }

  @Delete()
  @HttpCode(202)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Cancel a replay',
    description:
      'What waits is taken out, records that have not ended are cancelled, and services are told when they say that they ' +
      'have done something. Done again, it changes nothing.',
  })
  @ApiId()
  @ApiAcceptedResponse({ type: ReplayDto })
  @ApiProblems({
    400: 'The id is not valid',
    404: NO_REPLAY,
    409: 'It has completed',
    503: UNAVAILABLE,
  })
  async cancel(@Param('id', IdPipe) id: string): Promise<ReplayDto> {
    await this.commands.execute(new CancelReplay(id));
    return replayDtoOf(await this.queries.execute(new ReadReplay(id)));
  }
}
