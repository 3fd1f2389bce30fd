import type { Readable } from 'node:stream';
import { ApiProblems, streamOf } from '@factflow/server';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { goneOf } from '../http/gone';
import { NDJSON } from '../http/ndjson';
import { INVALID, NOT_FOUND } from '../http/problems';
import { VerifyFinding, VerifyProgress, VerifySummary } from './finding';
import { VerifyLineage, VerifyRequest } from './verify-lineage';

const BUSY = 'The database is away, or as many verifications as may are at work already; `detail` says which';

@ApiTags('lineage')
@Controller('lineage')
export class VerifyController {
  constructor(private readonly queries: QueryBus) {}

  @Get('verify')
  @ApiOperation({
    summary: 'Holds rows, counters, statistics and joins against the events, and looks for gaps in the log',
    description:
      'Reads only, and sees each execution as it is at one moment. One document per line: findings as they come, now and ' +
      'then how far it is, and a VerifySummary last; an answer without a summary is not whole.',
  })
  @ApiExtraModels(VerifyFinding, VerifyProgress, VerifySummary)
  @ApiOkResponse({
    description: 'Findings and a summary, line by line',
    content: {
      [NDJSON]: {
        schema: {
          oneOf: [VerifyFinding, VerifyProgress, VerifySummary].map((type) => ({
            $ref: getSchemaPath(type),
          })),
        },
      },
    },
  })
  @ApiProblems({ 400: INVALID, 404: NOT_FOUND, 503: BUSY })
  async verifyLineage(
    @Query() request: VerifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable | undefined> {
    const gone = goneOf(reply);
    try {
      const stream = await streamOf(await this.queries.execute(new VerifyLineage(request, gone)));
      void reply.header('content-type', `${NDJSON}; charset=utf-8`);
      return stream;
    } catch (error) {
      // Ended because nobody waits for it: there is nobody to be told, and nothing is wrong.
      if (gone.aborted) return undefined;
      throw error;
    }
  }
}
