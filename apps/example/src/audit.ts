import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { LineageExecution, LineageRecord } from '@factflow/lineage';
import { LineageRecorder } from '@factflow/lineage/nest';
import { randomUUID } from 'node:crypto';
import { relative } from 'node:path';
import { inBatches, mapConcurrently } from './concurrency';
import { Discover } from './discover';
import { PackageLane, PACKAGES_ROUTE, type PackageMessage } from './package-lane';
import { addSummaries, EMPTY_SUMMARY, summariseOutcomes, type Summary } from './summary';
import { REPORT_ROUTE, WriteReport } from './write-report';

/** Packages joined in one batch: also how many are held in memory. */
export const BATCH_SIZE = 100;
/** Packages audited at once. */
const CONCURRENCY = 16;

export interface AuditRequest {
  readonly directory: string;
  readonly reportFile: string;
  /** told after every batch */
  readonly onProgress?: (packages: number) => void;
}

/** How an audit ended. */
export interface AuditResult {
  readonly executionId: string;
  readonly summary: Summary;
  /** stopped before its end: there is no report */
  readonly stopped: boolean;
}

interface Batch {
  readonly record: LineageRecord;
  readonly summary: Summary;
}

/**
 * The pipeline: discover → (parse → check-licence → find-text) for every package → batch, a join of up to 100 packages
 * → summarise, a join of the batches → write-report. A package that fails is a finding, which is what an audit is for:
 * its record failed, and the execution goes on and completes. The execution fails when the audit itself cannot go on.
 */
@Injectable()
export class Audit implements OnModuleDestroy {
  #stopped = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly lineage: LineageRecorder,
    private readonly discover: Discover,
    private readonly lane: PackageLane,
    private readonly writeReport: WriteReport,
  ) {}

  /** @throws Error when the directory cannot be read or the report cannot be written */
  run(request: AuditRequest): Promise<AuditResult> {
    const result = this.#run(request);
    this.#running = result.catch(() => undefined);
    return result;
  }

  /** Lets what is under way finish, so that its records are whole when the recorder is closed. */
  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(request: AuditRequest): Promise<AuditResult> {
    const { directory } = request;
    const execution = this.lineage.startExecution({ name: 'licence-audit', metadata: { directory } });
    try {
      const batches = await this.#auditPackages(execution, request);
      if (this.#stopped) {
        execution.cancel();
        const summary = batches.map((batch) => batch.summary).reduce(addSummaries, EMPTY_SUMMARY);
        return { executionId: execution.id, summary, stopped: true };
      }
      const summary = await this.#summarise(execution, batches, request.reportFile);
      execution.complete();
      return { executionId: execution.id, summary, stopped: false };
    } catch (error) {
      execution.fail(error);
      throw error;
    }
  }

  async #auditPackages(execution: LineageExecution, request: AuditRequest): Promise<Batch[]> {
    const { directory, onProgress } = request;
    const batches: Batch[] = [];
    let packages = 0;
    const messages = this.lineage.run(
      { execution, route: PACKAGES_ROUTE, adapter: 'discover', input: directory, metadata: { directory } },
      (record) => this.#messages(record, directory),
    );
    for await (const messagesOfBatch of inBatches(messages, BATCH_SIZE)) {
      batches.push(await this.#auditBatch(execution, messagesOfBatch));
      packages += messagesOfBatch.length;
      onProgress?.(packages);
      if (this.#stopped) break;
    }
    return batches;
  }

  /** One message for every package; its first record is registered before the message leaves. */
  async *#messages(discovering: LineageRecord, directory: string): AsyncGenerator<PackageMessage> {
    let batchId = '';
    let place = 0;
    for await (const found of this.discover.packages(directory)) {
      if (place++ % BATCH_SIZE === 0) batchId = randomUUID();
      const path = relative(directory, found) || found;
      const record = discovering.registerChild({
        route: PACKAGES_ROUTE,
        adapter: this.lane.first,
        input: found,
        batchId,
        metadata: { package: path },
      });
      yield { directory: found, path, batchId, record };
    }
  }

  async #auditBatch(execution: LineageExecution, messages: readonly PackageMessage[]): Promise<Batch> {
    const outcomes = await mapConcurrently(messages, CONCURRENCY, (message) => this.lane.audit(message));
    const summary = summariseOutcomes(outcomes);
    return this.lineage.run(
      {
        execution,
        route: REPORT_ROUTE,
        adapter: 'batch',
        parents: outcomes.map(({ record }) => record),
        batchId: messages[0]?.batchId,
        input: outcomes.map(({ path, licence, finding }) => ({ path, licence, finding })),
        metadata: { packages: summary.packages, findings: summary.packages - summary.fine },
      },
      (record) => {
        record.complete({ output: summary });
        return { record, summary };
      },
    );
  }

  #summarise(execution: LineageExecution, batches: readonly Batch[], reportFile: string): Promise<Summary> {
    return this.lineage.run(
      {
        execution,
        route: REPORT_ROUTE,
        adapter: 'summarise',
        parents: batches.map(({ record }) => record),
        input: batches.map((batch) => batch.summary),
      },
      async () => {
        const summary = batches.map((batch) => batch.summary).reduce(addSummaries, EMPTY_SUMMARY);
        await this.writeReport.write(summary, reportFile);
        return summary;
      },
    );
  }
}
