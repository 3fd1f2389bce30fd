import type { PayloadStore } from '@factflow/payloads';
import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Readable } from 'node:stream';
import { heldJob, type JobName } from './held-job';
import { PAYLOAD_STORE } from '../payloads/payload-options';
import { ReplayError } from './replay-error';
import { ReplaySource } from './replay-source';

/** The bytes a message consists of, for the service that holds its lease. */
export class ReadInput extends Query<OpenInput> {
  constructor(
    readonly job: JobName,
    readonly key: string,
  ) {
    super();
  }
}

export interface OpenInput {
  readonly bytes: number;
  readonly contentType: string;
  readonly stream: Readable;
}

@QueryHandler(ReadInput)
export class ReadInputHandler implements IQueryHandler<ReadInput> {
  constructor(
    private readonly source: ReplaySource,
    @Inject(PAYLOAD_STORE) private readonly store: PayloadStore,
  ) {}

  /** @throws ReplayError when the lease is not theirs, or the bytes are not there any more */
  async execute({ job, key }: ReadInput): Promise<OpenInput> {
    const { inputs } = await heldJob(this.source, job);
    const input = inputs.find((candidate) => candidate.key === key);
    if (!input) throw new ReplayError('input_not_found', `The job has no input ${key}.`);
    const stored = await this.store.head(key);
    if (!stored) throw new ReplayError('input_not_found', `${key} is not in the payload store any more.`);
    return {
      bytes: stored.bytes,
      contentType: input.content_type,
      stream: await this.store.read(key),
    };
  }
}
