import { ProblemError } from '@factflow/server';
import { Controller, Header, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { AppendEvents } from './append-events';
import { AppendReportDto, EventDto } from './ingest.dto';
import type { BatchFormat } from './parse-batch';
import { PendingBytes } from './pending-bytes';
import { readBody } from './read-body';

/** Formats by media type. The body reaches the controller unread: see server.ts. */
export const FORMATS: Readonly<Record<string, BatchFormat>> = {
  'application/x-ndjson': 'ndjson',
  'application/json': 'array',
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
  async append(@Req() request: FastifyRequest): Promise<AppendReportDto> {
    const format = formatOf(request.headers['content-type']);
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

function formatOf(contentType: string | undefined): BatchFormat {
  const format = FORMATS[contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''];
  if (format) return format;
  throw new ProblemError({
    status: 415,
    code: 'unsupported_media_type',
    errors: [{ field: 'content-type', message: `must be ${Object.keys(FORMATS).join(' or ')}` }],
  });
}
