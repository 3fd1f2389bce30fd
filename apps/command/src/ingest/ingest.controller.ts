import { LIMITS } from '@factflow/domain';
import { ApiProblems, ProblemError } from '@factflow/server';
import { Controller, Header, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { mediaTypeOf } from '../http/content-type';
import { AppendEvents } from './append-events';
import { AppendReportDto, EventDto } from './ingest.dto';
import type { BatchFormat } from './parse-batch';
import { PendingBytes } from './pending-bytes';
import { readBody } from './read-body';

/** Formats by media type. The body reaches the controller unread: see json-body.ts. */
const FORMATS: ReadonlyMap<string, BatchFormat> = new Map([
  ['application/x-ndjson', 'ndjson'],
  ['application/json', 'array'],
]);

const PROBLEMS = {
  400: 'The body is not JSON, no array, or not the gzip that is announced; a line or an event that is not valid is only rejected',
  413: `There are more than ${LIMITS.batchEvents} events or ${LIMITS.batchBytes} bytes after decompression`,
  415: 'The body is neither application/x-ndjson nor application/json, or encoded otherwise than with gzip',
  503: 'The database is away, or more is waiting than may; send the whole request again after `Retry-After`',
};

@ApiTags('events')
@Controller('events')
export class IngestController {
  constructor(
    private readonly commands: CommandBus,
    @Inject(PendingBytes) private readonly pending: PendingBytes,
  ) {}

  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Append events',
    description:
      'Answers after commit. Events are judged one by one: what is wrong with one does not keep the others out. ' +
      'Sending a request again is safe. One event a line as application/x-ndjson, or a JSON array; gzip is accepted.',
  })
  @ApiConsumes('application/x-ndjson', 'application/json')
  @ApiBody({ type: [EventDto] })
  @ApiOkResponse({ type: AppendReportDto })
  @ApiProblems(PROBLEMS)
  async append(@Req() request: FastifyRequest): Promise<AppendReportDto> {
    const format = formatOf(request);
    const share = this.pending.open();
    try {
      const body = await readBody(request.body as Readable, request.headers['content-encoding'], share);
      const report = await this.commands.execute(new AppendEvents(body, format));
      return {
        accepted: report.accepted,
        duplicates: report.duplicates,
        rejected: report.rejected.map(({ index, eventId, code, message }) => ({
          index,
          event_id: eventId,
          code,
          message,
        })),
      };
    } finally {
      share.release();
    }
  }
}

function formatOf(request: FastifyRequest): BatchFormat {
  const format = FORMATS.get(mediaTypeOf(request));
  if (format) return format;
  throw new ProblemError({
    status: 415,
    code: 'unsupported_media_type',
    detail: 'Send one event a line as application/x-ndjson, or a JSON array of events as application/json.',
    errors: [{ field: 'content-type', message: `must be ${[...FORMATS.keys()].join(' or ')}` }],
  });
}
