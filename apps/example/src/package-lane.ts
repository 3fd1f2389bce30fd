import { Injectable } from '@nestjs/common';
import type { LineageRecord } from '@factflow/lineage';
import type { Adapter } from './adapter';
import { CheckLicence, type LicensedPackage } from './check-licence';
import { FindText, type CompletePackage } from './find-text';
import { Parse } from './parse';

/** The route every package takes. */
export const PACKAGES_ROUTE = 'packages';

/** A package on its way: its folder, and the record its first adapter works as. */
export interface PackageMessage {
  readonly directory: string;
  /** how people know the folder: relative to what is audited */
  readonly path: string;
  readonly batchId: string;
  readonly record: LineageRecord;
}

/** Where a package got to. */
export interface Outcome {
  readonly path: string;
  /** the licence, once it is known */
  readonly licence: string | null;
  /** why it may not be redistributed as it is: class and message of what was thrown */
  readonly finding: { readonly reason: string; readonly message: string } | null;
  /** the last record of the package, failed or completed */
  readonly record: LineageRecord;
}

/** Takes a package through parse, check-licence and find-text, one record each. */
@Injectable()
export class PackageLane {
  readonly #adapters: readonly Adapter<never, unknown>[];

  constructor(parse: Parse, checkLicence: CheckLicence, findText: FindText) {
    this.#adapters = [parse, checkLicence, findText];
  }

  /** The adapter a package meets first. */
  get first(): string {
    return this.#adapters[0]?.name ?? '';
  }

  /** Never rejects: a package that fails is a finding, and no reason to stop. */
  async audit({ directory, path, batchId, record: first }: PackageMessage): Promise<Outcome> {
    let message: unknown = directory;
    let record = first;
    for (const [place, adapter] of this.#adapters.entries()) {
      record.start();
      try {
        message = await adapter.process(message as never);
      } catch (error) {
        record.fail(error);
        return { path, licence: licenceOf(message), finding: findingOf(error), record };
      }
      const next = this.#adapters[place + 1];
      // The next record exists before this one is completed: nobody takes the package for done in between.
      const child = next && this.#register(record, next.name, message, path, batchId);
      record.complete({ output: message });
      record = child ?? record;
    }
    return { path, licence: licenceOf(message), finding: null, record };
  }

  #register(
    parent: LineageRecord,
    adapter: string,
    input: unknown,
    path: string,
    batchId: string,
  ): LineageRecord {
    return parent.registerChild({
      route: PACKAGES_ROUTE,
      adapter,
      input,
      batchId,
      metadata: { package: path },
    });
  }
}

const licenceOf = (message: unknown): string | null =>
  (message as Partial<LicensedPackage | CompletePackage>).licence ?? null;

const findingOf = (error: unknown): { reason: string; message: string } =>
  error instanceof Error
    ? { reason: error.constructor.name, message: error.message }
    : { reason: typeof error, message: String(error) };
