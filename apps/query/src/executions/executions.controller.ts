import { ApiId, ApiProblems, IdPipe, TakesNoParameters } from '@factflow/server';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { INVALID, NOT_FOUND, UNAVAILABLE } from '../http/problems';
import { ExecutionPage } from './execution';
import { ExecutionDetails } from './execution-details';
import { GetExecution } from './get-execution';
import { ListExecutions, ListExecutionsRequest } from './list-executions';

@ApiTags('executions')
@Controller('executions')
export class ExecutionsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'Executions that match all filters, the latest start first' })
  @ApiOkResponse({ type: ExecutionPage, description: 'A page of executions' })
  @ApiProblems({ 400: INVALID, 503: UNAVAILABLE })
  listExecutions(@Query() request: ListExecutionsRequest): Promise<ExecutionPage> {
    return this.queries.execute(new ListExecutions(request));
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One execution with the counts of its records, what failed in it and what was replayed from it',
  })
  @ApiId()
  @ApiOkResponse({ type: ExecutionDetails, description: 'The execution' })
  @ApiProblems({ 400: INVALID, 404: NOT_FOUND, 503: UNAVAILABLE })
  @TakesNoParameters()
  getExecution(@Param('id', IdPipe) id: string): Promise<ExecutionDetails> {
    return this.queries.execute(new GetExecution(id));
  }
}
