import { formatTime } from '@factflow/domain';
import { ApiProblems, invalidRequest } from '@factflow/server';
import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Injectable,
  Param,
  Post,
  Res,
  type PipeTransform,
} from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Readable } from 'node:stream';
import { JsonBody } from '../http/json-body';
import { ExtendLease } from './extend-lease';
import { parseJobName, type JobName } from './held-job';
import { LeaseJobs } from './lease-jobs';
import { ExtendedDto, jobDtoOf, LeaseDto, SettledDto } from './leased-job.dto';
import { ReadInput } from './read-input';
import {
  CompleteRequestDto,
  DEFAULT_LEASE_MS,
  errorOf,
  ExtendRequestDto,
  FailRequestDto,
  LeaseRequestDto,
} from './replay-work.dto';
import { SettleJob } from './settle-job';

/** The `job` of a path. */
@Injectable()
class JobPipe implements PipeTransform<string, JobName> {
  transform(value: string): JobName {
    const job = parseJobName(value);
    if (job) return job;
    throw invalidRequest([{ field: 'job', message: 'must be a job as it was leased' }]);
  }
}

const ApiJob = (): MethodDecorator => ApiParam({ name: 'job', schema: { type: 'string' } });
const PROBLEMS = {
  400: 'The job or a field is not valid; `errors` names it',
  404: 'There is no such job',
  409: 'The lease has expired or is somebody else’s, or the replay is over',
  503: 'The database is away',
};

@ApiTags('replay')
@Controller('replay-work')
export class ReplayWorkController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('lease')
  @HttpCode(200)
  @JsonBody()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Take messages to replay',
    description:
      'Each is handed out to one service at a time, until its lease expires; then it is handed out again, as the next ' +
      'attempt. What has come to its end is not handed out again.',
  })
  @ApiOkResponse({ type: LeaseDto })
  @ApiProblems({ 400: 'A field is not valid; `errors` names it', 503: 'The database is away' })
  async lease(
    @Body() request: LeaseRequestDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LeaseDto> {
    const gone = new AbortController();
    const closed = (): void => {
      if (!reply.raw.writableFinished) gone.abort();
    };
    if (reply.raw.destroyed) closed();
    else reply.raw.once('close', closed);
    const jobs = await this.commands.execute(
      new LeaseJobs(
        request.adapters.map(({ adapter_name: adapterName, route_id: routeId }) => ({
          adapterName,
          ...(typeof routeId === 'string' && { routeId }),
        })),
        request.max ?? 1,
        request.lease_ms ?? DEFAULT_LEASE_MS,
        request.wait_ms ?? 0,
        gone.signal,
      ),
    );
    return { jobs: jobs.map(jobDtoOf) };
  }

  @Get(':job/inputs/:key')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The bytes of an input' })
  @ApiJob()
  @ApiParam({ name: 'key', schema: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' } })
  @ApiOkResponse({
    description: 'The bytes, with the content type they were captured with',
    content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
  })
  @ApiProblems({ ...PROBLEMS, 404: 'There is no such job, or it has no such input, or that is gone' })
  async input(
    @Param('job', JobPipe) job: JobName,
    @Param('key') key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const { bytes, contentType, stream } = await this.queries.execute(new ReadInput(job, key));
    void reply
      .header('content-type', contentType)
      .header('content-length', bytes)
      .header('content-disposition', 'attachment')
      .header('x-content-type-options', 'nosniff');
    return stream;
  }

  @Post(':job/complete')
  @HttpCode(200)
  @JsonBody()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'The message has come to its end',
    description:
      'How it ended says its record, whose events are to be sent before; a record that has not ended is completed. Done ' +
      'again by who did it, it changes nothing.',
  })
  @ApiJob()
  @ApiOkResponse({ type: SettledDto })
  @ApiProblems(PROBLEMS)
  complete(
    @Param('job', JobPipe) job: JobName,
    @Body() { output_hash: outputHash }: CompleteRequestDto,
  ): Promise<SettledDto> {
    return this.commands.execute(
      new SettleJob(job, { kind: 'completed', outputHash: outputHash ?? undefined }),
    );
  }

  @Post(':job/fail')
  @HttpCode(200)
  @JsonBody()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'The attempt has failed',
    description:
      'A record that has not ended fails with the error. Whether another attempt follows says `retry`.',
  })
  @ApiJob()
  @ApiOkResponse({ type: SettledDto })
  @ApiProblems(PROBLEMS)
  fail(@Param('job', JobPipe) job: JobName, @Body() { error, retry }: FailRequestDto): Promise<SettledDto> {
    return this.commands.execute(
      new SettleJob(job, { kind: 'failed', error: errorOf(error), retry: retry ?? true }),
    );
  }

  @Post(':job/extend')
  @HttpCode(200)
  @JsonBody()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Keep a job for longer, from now on; twelve hours in all',
  })
  @ApiJob()
  @ApiOkResponse({ type: ExtendedDto })
  @ApiProblems(PROBLEMS)
  async extend(
    @Param('job', JobPipe) job: JobName,
    @Body() { lease_ms: leaseMs }: ExtendRequestDto,
  ): Promise<ExtendedDto> {
    const until = await this.commands.execute(new ExtendLease(job, leaseMs ?? DEFAULT_LEASE_MS));
    return { lease_expires_at: formatTime(until.getTime()) };
  }
}
