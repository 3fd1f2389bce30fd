import { DEFAULT_CONTENT_TYPE, isContentType } from '@factflow/domain';
import { ApiPayloadKey, ApiProblems, invalidRequest, PayloadKeyPipe, ProblemError } from '@factflow/server';
import { Controller, Header, Inject, Logger, Param, Put, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { OpaqueBody, opaqueTypeOf } from '../http/opaque-body';
import { arriving } from './arriving';
import { PAYLOAD_CONFIG, type PayloadConfig } from './payload-options';
import { StoredPayloadDto } from './payloads.dto';
import { StorePayload } from './store-payload';

const PROBLEMS = {
  400: 'The key or the content type is not valid; `errors` names it',
  408: 'For five seconds no byte came, or after ten seconds fewer than 32 KiB a second; send it again',
  413: 'There are more bytes than `FACTFLOW_PAYLOAD_MAX_BYTES`',
  415: 'The body is encoded; it must be the bytes themselves',
  422: 'The bytes are not those of the key',
  503: 'The store or the database is away, or too many payloads are on their way; send it again after `Retry-After`',
};

@ApiTags('payloads')
@Controller('payloads')
export class PayloadsController {
  private readonly logger = new Logger(PayloadsController.name);

  constructor(
    private readonly commands: CommandBus,
    @Inject(PAYLOAD_CONFIG) private readonly config: PayloadConfig,
  ) {}

  @Put(':key')
  @OpaqueBody()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Store the bytes of a message under their digest',
    description:
      'The body is the bytes themselves. Answers when they are on the disk; nothing of them can be seen before all have come ' +
      'and their digest is that of the key. Sending them again is safe.',
  })
  @ApiPayloadKey()
  @ApiBody({ required: true, schema: { type: 'string', format: 'binary' } })
  @ApiCreatedResponse({ type: StoredPayloadDto, description: 'Stored' })
  @ApiOkResponse({ type: StoredPayloadDto, description: 'They were there already' })
  @ApiProblems(PROBLEMS)
  async put(
    @Param('key', PayloadKeyPipe) key: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StoredPayloadDto> {
    // Without a body the framework reads none.
    const body = request.body instanceof Readable ? request.body : Readable.from([]);
    const { bytes: incoming, stop } = arriving(body, this.config.uploadLimits);
    try {
      const contentType = contentTypeOf(request);
      const { bytes, isNew } = await this.commands.execute(
        new StorePayload(key, contentType, incoming, announcedBytes(request)),
      );
      reply.code(isNew ? 201 : 200);
      return { key, bytes };
    } catch (error) {
      if (hasEndedEarly(error)) this.logger.debug(`PUT /api/v1/payloads/${key}: ${error.message}`);
      throw error;
    } finally {
      stop();
      // What is left of a refused body has to be read, or the next request on the connection never is.
      body.resume();
    }
  }
}

function contentTypeOf(request: FastifyRequest): string {
  if ((request.headers['content-encoding']?.trim().toLowerCase() || 'identity') !== 'identity')
    throw new ProblemError({
      status: 415,
      code: 'unsupported_encoding',
      errors: [{ field: 'content-encoding', message: 'must be left out: the key is the digest of the body' }],
    });
  const type = opaqueTypeOf(request)?.trim() || DEFAULT_CONTENT_TYPE;
  if (isContentType(type)) return type;
  throw invalidRequest([
    { field: 'content-type', message: 'must be 1 to 200 printable characters of ASCII' },
  ]);
}

const EARLY_ENDS: readonly (string | undefined)[] = ['upload_stalled', 'upload_too_slow', 'upload_aborted'];

/** Whether it is the sender that did not bring all of its bytes. */
const hasEndedEarly = (error: unknown): error is ProblemError =>
  error instanceof ProblemError && EARLY_ENDS.includes(error.code);

/** How many bytes are to come, where that is said. */
const announcedBytes = ({ headers }: FastifyRequest): number => Number(headers['content-length'] ?? 0);
