import type { Readable } from 'node:stream';
import { ApiProblems, IdsPipe, invalidRequest, streamOf } from '@factflow/server';
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { goneOf } from '../../http/gone';
import { NDJSON, prefersNdjson } from '../../http/ndjson';
import { INVALID, NOT_FOUND, TOO_LARGE, UNAVAILABLE } from '../../http/problems';
import { Diff, DiffRow, DiffSummary } from './diff';
import { DiffRequest, GetDiff } from './get-diff';
import { StreamDiff } from './stream-diff';

/** Of the path. */
type Compared = Readonly<Record<'a' | 'b', string>>;

const ID = { type: 'string', format: 'uuid' };

@ApiTags('executions')
@Controller('executions')
export class DiffController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':a/diff/:b')
  @ApiOperation({
    summary:
      'What became of the messages of one execution in another: totals first, then the messages, the worst first',
    description:
      'Paged. As application/x-ndjson everything comes unpaged: a DiffSummary on the first line, then one DiffRow per line.',
  })
  @ApiParam({
    name: 'a',
    schema: ID,
    description: 'The execution that is compared with, such as the one that failed',
  })
  @ApiParam({ name: 'b', schema: ID, description: 'The execution that is judged, such as its replay' })
  @ApiHeader({
    name: 'Accept',
    required: false,
    schema: { type: 'string', enum: ['application/json', NDJSON] },
  })
  @ApiExtraModels(Diff, DiffSummary, DiffRow)
  @ApiOkResponse({
    description: 'The comparison and a page of its rows, or all of it line by line',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(Diff) } },
      [NDJSON]: {
        schema: { oneOf: [{ $ref: getSchemaPath(DiffSummary) }, { $ref: getSchemaPath(DiffRow) }] },
      },
    },
  })
  @ApiProblems({ 400: INVALID, 404: NOT_FOUND, 422: TOO_LARGE, 503: UNAVAILABLE })
  async getDiff(
    @Param(new IdsPipe('a', 'b')) { a, b }: Compared,
    @Query() request: DiffRequest,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Diff | Readable | undefined> {
    void reply.header('vary', 'accept');
    const gone = goneOf(reply);
    try {
      if (!prefersNdjson(accept)) return await this.queries.execute(new GetDiff(a, b, request, gone));
      refusePaging(request);
      const stream = await streamOf(await this.queries.execute(new StreamDiff(a, b, request, gone)));
      void reply.header('content-type', `${NDJSON}; charset=utf-8`);
      return stream;
    } catch (error) {
      // Ended because nobody waits for it: there is nobody to be told, and nothing is wrong.
      if (gone.aborted) return undefined;
      throw error;
    }
  }
}

/** A streamed diff is whole: what would cut it is a misunderstanding. */
function refusePaging({ limit, cursor }: DiffRequest): void {
  const given = Object.entries({ limit, cursor }).filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  throw invalidRequest(
    given.map(([field]) => ({ field, message: `has no meaning for ${NDJSON}: the diff comes whole` })),
  );
}
