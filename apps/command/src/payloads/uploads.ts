import { ProblemError } from '@factflow/server';
import { Injectable } from '@nestjs/common';

/** Each may hold two parts of 5 MiB in memory on its way to S3. */
const MAX_UPLOADS = 8;

const overloaded = (): ProblemError =>
  new ProblemError(
    {
      status: 503,
      code: 'overloaded',
      detail: `${MAX_UPLOADS} payloads are on their way already; send this one again later.`,
    },
    { 'retry-after': '1' },
  );

/** Counts the payloads that are on their way, so that neither memory nor connections run out. */
@Injectable()
export class Uploads {
  private atWork = 0;

  get running(): number {
    return this.atWork;
  }

  /** @throws ProblemError 503 when there are too many */
  async run<T>(upload: () => Promise<T>): Promise<T> {
    if (this.atWork >= MAX_UPLOADS) throw overloaded();
    this.atWork += 1;
    try {
      return await upload();
    } finally {
      this.atWork -= 1;
    }
  }
}
