import type { PayloadStore } from '@factflow/payloads';
import { ProblemError } from '@factflow/server';
import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Database } from '../database/database';
import { absentExecution, prunedExecution } from '../executions/absent-execution';
import { FlagField, IdField, NumberField } from '../http/query-fields';
import { TRACE_LIMIT } from '../lineage/read-trace';
import { PAYLOAD_STORE } from '../storage/payload-store';
import { checkExecution } from './check-execution';
import { PayloadsCheck } from './check-payloads';
import { checkCoverage, checkRecorders } from './check-recorders';
import { SequencesCheck } from './check-sequences';
import { executionIds, isStored } from './execution-ids';
import { Outlet } from './outlet';
import { Report } from './report';

/** Verifications at work at once: each keeps a connection and a processor busy. */
export const MOST_AT_ONCE = 2;
const RETRY_AFTER_SECONDS = 10;
/** What was told of other executions by then is not thrown away because much else takes long. */
const IS_PATIENT = true;

export class VerifyRequest {
  @IdField('The execution to verify; default: all, one after another')
  readonly execution_id?: string;

  @NumberField('How many findings of one kind are told; the summary counts all', 1000, 100)
  readonly limit: number = 100;

  @FlagField('Whether payloads are read as well; default: true')
  readonly payloads: boolean = true;
}

/** Holds what is stored against the events: lines of JSON, findings as they come, the summary last. */
export class VerifyLineage extends Query<AsyncGenerator<string, void, undefined>> {
  constructor(
    readonly request: VerifyRequest,
    /** ends it when nobody waits for the answer */
    readonly signal: AbortSignal,
  ) {
    super();
  }
}

@QueryHandler(VerifyLineage)
export class VerifyLineageHandler implements IQueryHandler<VerifyLineage> {
  private atWork = 0;

  constructor(
    private readonly database: Database,
    @Inject(TRACE_LIMIT) private readonly maxRecords: number,
    @Inject(PAYLOAD_STORE) private readonly store: PayloadStore,
  ) {}

  execute({ request, signal }: VerifyLineage): Promise<AsyncGenerator<string, void, undefined>> {
    return Promise.resolve(this.lines(request, signal));
  }

  private async *lines(request: VerifyRequest, gone: AbortSignal): AsyncGenerator<string, void, undefined> {
    if (this.atWork >= MOST_AT_ONCE) throw busy();
    this.atWork += 1;
    const done = new AbortController();
    const outlet = new Outlet();
    const report = new Report(request.limit, (line, isProgress) => outlet.put(line, isProgress));
    const work = this.verify(request, report, AbortSignal.any([gone, done.signal])).then(
      () => outlet.end(),
      (error: unknown) => outlet.fail(error),
    );
    try {
      yield* outlet.drain();
    } finally {
      done.abort();
      await work;
      this.atWork -= 1;
    }
  }

  private async verify(request: VerifyRequest, report: Report, signal: AbortSignal): Promise<void> {
    const { execution_id: executionId, payloads } = request;
    const reader = this.database.reader(signal);
    const check = payloads ? new PayloadsCheck(this.store, reader, report, signal) : undefined;
    if (executionId !== undefined) {
      const pruned = await prunedExecution(reader, executionId);
      if (pruned) throw pruned;
      if (!(await isStored(reader, executionId))) throw await absentExecution(reader, executionId);
    }
    report.sayProgress();
    const sequences = new SequencesCheck(reader, report, signal);
    if (executionId === undefined) await sequences.remember();
    const bounds = { most: this.maxRecords, log: sequences.log };
    for await (const id of executionId === undefined ? executionIds(reader) : [executionId]) {
      // Each is seen as it is at one moment of its own.
      await this.database.longSnapshot(
        async (snapshot) => {
          const execution = await checkExecution(snapshot, id, bounds, report);
          if (execution && executionId !== undefined) await checkCoverage(snapshot, execution, report);
        },
        signal,
        IS_PATIENT,
      );
      await check?.check(id);
      report.progress();
    }
    if (executionId === undefined) await checkRecorders(reader, report);
    await sequences.compare(executionId);
    report.finish(executionId);
  }
}

const busy = (): ProblemError =>
  new ProblemError(
    {
      status: 503,
      code: 'verify_busy',
      detail: `${MOST_AT_ONCE} verifications are at work already; ask again when one has ended.`,
    },
    { 'retry-after': String(RETRY_AFTER_SECONDS) },
  );
