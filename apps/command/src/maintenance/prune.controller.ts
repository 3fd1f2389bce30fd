import { ApiProblems, ProblemError, streamOf } from '@factflow/server';
import type { PruneCounts } from '@factflow/store';
import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Readable } from 'node:stream';
import { JsonBody } from '../http/json-body';
import { UNAVAILABLE } from '../http/problems';
import { PruneExecutions, type PruneRun } from './prune-executions';
import { PruneProgressDto, PruneRequestDto, PruneSummaryDto, timeOf } from './prune.dto';

const NDJSON = 'application/x-ndjson';

/** HTTP status by the code of an error. */
export const PRUNE_STATUS_BY_CODE = { prune_running: 409 } as const;

@ApiTags('executions')
@Controller('prune')
export class PruneController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @HttpCode(200)
  @JsonBody()
  @Header('cache-control', 'no-store')
  @Header('content-type', `${NDJSON}; charset=utf-8`)
  @ApiOperation({
    summary: 'Remove whole executions',
    description:
      'Those that are over, are not pinned, and had their last event before a time. A line tells how far it is after ' +
      'each batch, the last one is the summary; without it the prune was cut off. Who goes away ends it after the batch at work.',
  })
  @ApiExtraModels(PruneProgressDto, PruneSummaryDto)
  @ApiOkResponse({
    description: 'Progress, a line each, and the summary',
    content: {
      [NDJSON]: {
        schema: { oneOf: [PruneProgressDto, PruneSummaryDto].map((dto) => ({ $ref: getSchemaPath(dto) })) },
      },
    },
  })
  @ApiProblems({
    400: 'The request is not valid; `errors` names the field',
    409: 'Another prune is at work',
    422: 'The time is still to come',
    503: UNAVAILABLE,
  })
  async prune(@Body() request: PruneRequestDto): Promise<Readable> {
    const before = timeOf(request.before) as number;
    if (before > Date.now()) throw stillToCome();
    const dryRun = request.dry_run ?? false;
    const run = await this.commands.execute(new PruneExecutions(before, 'request', dryRun));
    return streamOf(linesOf(run, dryRun));
  }
}

const stillToCome = (): ProblemError =>
  new ProblemError({
    status: 422,
    code: 'time_to_come',
    detail: 'Executions go by what has happened in them: the time must have passed.',
    errors: [{ field: 'before', message: 'must not lie in the future' }],
  });

async function* linesOf(run: PruneRun, dryRun: boolean): AsyncGenerator<string, void, undefined> {
  const line = (value: PruneProgressDto | PruneSummaryDto): string => `${JSON.stringify(value)}\n`;
  try {
    for (;;) {
      const { done, value } = await run.next();
      if (done) return yield line({ ...countsOf(value), kept: value.kept, dry_run: dryRun });
      const { phase, partition, found, postponed } = value;
      yield line({ phase, partition, found, ...countsOf(value), postponed });
    }
  } finally {
    await run.return(undefined as never);
  }
}

const countsOf = ({ executions, records, events, partitionsDropped }: PruneCounts) => ({
  executions,
  records,
  events,
  partitions_dropped: partitionsDropped,
});
