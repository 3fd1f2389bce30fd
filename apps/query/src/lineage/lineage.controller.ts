import type { Readable } from 'node:stream';
import { ApiId, ApiProblems, IdPipe, invalidRequest, streamOf } from '@factflow/server';
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { goneOf } from '../http/gone';
import { NDJSON, prefersNdjson } from '../http/ndjson';
import { INVALID, NOT_FOUND, SEVERAL, UNAVAILABLE } from '../http/problems';
import { Chain, ChainLine, ChainTruncation } from './chain';
import { ChildrenRequest, GetChildren } from './get-children';
import { ChainRequest, GetChain } from './get-chain';
import { FailurePage } from './failed-record';
import { FailureGroups } from './failure-groups';
import { GetRecord, OneRecordRequest } from './get-record';
import { GroupFailures } from './group-failures';
import { GetStats, StatsRequest } from './get-stats';
import { LineageRecord, RecordPage } from './lineage-record';
import { EventPage, EventsRequest, ListEvents } from './list-events';
import { ListFailures, ListFailuresRequest } from './list-failures';
import { ListRecords, ListRecordsRequest } from './list-records';
import { Stats } from './stats';
import { StreamChain } from './stream-chain';

const ONE_RECORD = { 400: INVALID, 404: NOT_FOUND, 409: SEVERAL, 503: UNAVAILABLE };

@ApiTags('lineage')
@Controller('lineage')
export class LineageController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'Registered records that match all filters' })
  @ApiOkResponse({ type: RecordPage, description: 'A page of records' })
  @ApiProblems({ 400: INVALID, 503: UNAVAILABLE })
  listRecords(@Query() request: ListRecordsRequest): Promise<RecordPage> {
    return this.queries.execute(new ListRecords(request));
  }

  @Get('failures')
  @ApiOperation({
    summary: 'Failed records that match all filters, the latest failure first, with what was tried since',
    description:
      'With group=true: what went wrong, how often, and how much of it a retry or replay has fixed.',
  })
  @ApiExtraModels(FailurePage, FailureGroups)
  @ApiOkResponse({
    description: 'A page of failed records, or groups of them',
    schema: { oneOf: [{ $ref: getSchemaPath(FailurePage) }, { $ref: getSchemaPath(FailureGroups) }] },
  })
  @ApiProblems({ 400: INVALID, 503: UNAVAILABLE })
  async listFailures(
    @Query() request: ListFailuresRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FailurePage | FailureGroups | undefined> {
    if (!request.group) return this.queries.execute(new ListFailures(request));
    if (request.cursor !== undefined)
      throw invalidRequest([
        { field: 'cursor', message: 'has no meaning with group=true: groups have no pages' },
      ]);
    const gone = goneOf(reply);
    try {
      return await this.queries.execute(new GroupFailures(request, request.limit, gone));
    } catch (error) {
      if (gone.aborted) return undefined;
      throw error;
    }
  }

  @Get('stats')
  @ApiOperation({ summary: 'Counts and durations of an execution: totals, then by route and adapter' })
  @ApiOkResponse({ type: Stats, description: 'The counts' })
  @ApiProblems({ 400: INVALID, 404: NOT_FOUND, 503: UNAVAILABLE })
  getStats(@Query() request: StatsRequest): Promise<Stats> {
    return this.queries.execute(new GetStats(request));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One record' })
  @ApiId()
  @ApiOkResponse({ type: LineageRecord, description: 'The record' })
  @ApiProblems(ONE_RECORD)
  getRecord(@Param('id', IdPipe) id: string, @Query() request: OneRecordRequest): Promise<LineageRecord> {
    return this.queries.execute(new GetRecord(id, request.execution_id));
  }

  @Get(':id/children')
  @ApiOperation({ summary: 'Direct children of a record, joins included, oldest first' })
  @ApiId()
  @ApiOkResponse({ type: RecordPage, description: 'A page of records' })
  @ApiProblems(ONE_RECORD)
  getChildren(@Param('id', IdPipe) id: string, @Query() request: ChildrenRequest): Promise<RecordPage> {
    return this.queries.execute(new GetChildren(id, request));
  }

  @Get(':id/events')
  @ApiOperation({ summary: 'Events of a record in the order in which they decide, conflicts marked' })
  @ApiId()
  @ApiOkResponse({ type: EventPage, description: 'A page of events' })
  @ApiProblems(ONE_RECORD)
  listEvents(@Param('id', IdPipe) id: string, @Query() request: EventsRequest): Promise<EventPage> {
    return this.queries.execute(new ListEvents(id, request));
  }

  @Get(':id/chain')
  @ApiOperation({
    summary: 'A record with all its ancestors and descendants',
    description:
      'Paged: ancestors before descendants. As application/x-ndjson the whole chain comes unpaged, one ChainLine per ' +
      'line, the record itself first; a chain that is not whole ends with a ChainTruncation.',
  })
  @ApiId()
  @ApiHeader({
    name: 'Accept',
    required: false,
    schema: { type: 'string', enum: ['application/json', NDJSON] },
  })
  @ApiExtraModels(Chain, ChainLine, ChainTruncation)
  @ApiOkResponse({
    description: 'The record and a page of its chain, or all of it line by line',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(Chain) } },
      [NDJSON]: {
        schema: { oneOf: [{ $ref: getSchemaPath(ChainLine) }, { $ref: getSchemaPath(ChainTruncation) }] },
      },
    },
  })
  @ApiProblems(ONE_RECORD)
  async getChain(
    @Param('id', IdPipe) id: string,
    @Query() request: ChainRequest,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Chain | Readable | undefined> {
    void reply.header('vary', 'accept');
    const gone = goneOf(reply);
    try {
      if (!prefersNdjson(accept)) return await this.queries.execute(new GetChain(id, request, gone));
      refusePaging(request);
      const stream = await streamOf(await this.queries.execute(new StreamChain(id, request, gone)));
      void reply.header('content-type', `${NDJSON}; charset=utf-8`);
      return stream;
    } catch (error) {
      // Ended because nobody waits for it: there is nobody to be told, and nothing is wrong.
      if (gone.aborted) return undefined;
      throw error;
    }
  }
}

/** A streamed chain is whole: what would cut it is a misunderstanding. */
function refusePaging({ limit, cursor }: ChainRequest): void {
  const given = Object.entries({ limit, cursor }).filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  throw invalidRequest(
    given.map(([field]) => ({ field, message: `has no meaning for ${NDJSON}: the chain comes whole` })),
  );
}
