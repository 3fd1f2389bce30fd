import type { Readable } from 'node:stream';
import type { PayloadStore } from '@factflow/payloads';
import { ApiPayloadKey, ApiProblems, PayloadKeyPipe, TakesNoParameters } from '@factflow/server';
import { Controller, Get, Head, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { INVALID, NOT_FOUND, UNAVAILABLE } from '../http/problems';
import { GetPayload } from './get-payload';
import { ListPayloads, ListPayloadsRequest, NamedPayloadPage } from './list-payloads';
import { answerOf, bytesOf, type Wishes } from './payload-answer';
import { PAYLOAD_STORE } from './payload-store';

const BINARY = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
const UNREADABLE = 'The bytes cannot be read, though the store can';
const PROBLEMS = {
  400: INVALID,
  404: 'The store has no such bytes; `detail` says whether it had',
  416: 'There are no bytes in this range',
  500: 'The bytes are damaged: their digest is not the key; or they cannot be read, though the store can',
  503: 'The database or the payload store is away; `detail` says which',
};

@ApiTags('storage')
@Controller('storage')
export class StorageController {
  constructor(
    private readonly queries: QueryBus,
    @Inject(PAYLOAD_STORE) private readonly store: PayloadStore,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The payloads that the records of an execution name, by record' })
  @ApiOkResponse({ type: NamedPayloadPage, description: 'A page of payloads' })
  @ApiProblems({ 400: INVALID, 404: NOT_FOUND, 503: UNAVAILABLE })
  listPayloads(@Query() request: ListPayloadsRequest): Promise<NamedPayloadPage> {
    return this.queries.execute(new ListPayloads(request));
  }

  // Before the route below: the framework would make one of it that reads the bytes for nothing.
  @Head(':key')
  @ApiOperation({ summary: 'Whether the store has bytes, how many, and of what type; they are not read' })
  @ApiPayloadKey()
  @ApiOkResponse({ description: 'It has them' })
  @ApiResponse({ status: 304, description: 'If-None-Match names their ETag' })
  @ApiProblems({ 400: PROBLEMS[400], 404: PROBLEMS[404], 500: UNREADABLE, 503: PROBLEMS[503] })
  @TakesNoParameters()
  async headPayload(
    @Param('key', PayloadKeyPipe) key: string,
    @Headers() wishes: Wishes,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    // Ranges are for GET alone.
    const { 'if-none-match': known } = wishes;
    const answer = answerOf(await this.queries.execute(new GetPayload(key)), { 'if-none-match': known });
    void reply.code(answer.status).headers(answer.headers);
  }

  @Get(':key')
  @ApiOperation({
    summary: 'The bytes of a message, to be saved',
    description:
      'The digest is verified: an answer that comes to its end is right. Up to 1 MiB, damage is told as a problem; a larger ' +
      'answer breaks off before its end. Ranges are verified as well, by reading all of the bytes.',
  })
  @ApiPayloadKey()
  @ApiHeader({ name: 'Range', required: false, schema: { type: 'string' }, description: '`bytes=0-99`' })
  @ApiOkResponse({ description: 'All of them, under their content type', content: BINARY })
  @ApiResponse({ status: 206, description: 'Those of the range', content: BINARY })
  @ApiResponse({ status: 304, description: 'If-None-Match names their ETag' })
  @ApiProblems(PROBLEMS)
  @TakesNoParameters()
  async getPayload(
    @Param('key', PayloadKeyPipe) key: string,
    @Headers() wishes: Wishes,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | Readable | undefined> {
    const facts = await this.queries.execute(new GetPayload(key));
    const { status, headers, range } = answerOf(facts, wishes);
    const bytes = status === 304 ? undefined : await bytesOf(this.store, facts, range);
    void reply.code(status).headers(headers);
    return bytes;
  }
}
