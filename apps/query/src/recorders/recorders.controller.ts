import { ApiId, ApiProblems, IdPipe, TakesNoParameters } from '@factflow/server';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { INVALID, UNAVAILABLE } from '../http/problems';
import { GetRecorder } from './get-recorder';
import { ListRecorders, ListRecordersRequest } from './list-recorders';
import { Recorder, RecorderPage } from './recorder';

@ApiTags('recorders')
@Controller('recorders')
export class RecordersController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'Recorders that match all filters, the last one first',
    description: 'What services say of themselves, and what has arrived of what they recorded.',
  })
  @ApiOkResponse({ type: RecorderPage, description: 'A page of recorders' })
  @ApiProblems({ 400: INVALID, 503: UNAVAILABLE })
  listRecorders(@Query() request: ListRecordersRequest): Promise<RecorderPage> {
    return this.queries.execute(new ListRecorders(request));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One recorder' })
  @ApiId()
  @ApiOkResponse({ type: Recorder, description: 'The recorder' })
  @ApiProblems({ 400: INVALID, 404: 'There is no such recorder', 503: UNAVAILABLE })
  @TakesNoParameters()
  getRecorder(@Param('id', IdPipe) id: string): Promise<Recorder> {
    return this.queries.execute(new GetRecorder(id));
  }
}
