import { Injectable } from '@nestjs/common';
import { LineageRecorder, ReplayHandler } from '@factflow/lineage/nest';
import type { Adapter } from './adapter';
import { CheckLicence, type LicensedPackage } from './check-licence';
import { FindText } from './find-text';
import { PACKAGES_ROUTE } from './package-lane';
import { Parse, type Manifest } from './parse';

/**
 * Takes packages that are replayed, at whichever adapter they begin, and goes on with them to the end of their lane. The
 * record of the first is the replay's own; the others are made here, below it.
 */
@Injectable()
export class Replays {
  readonly #adapters: readonly Adapter<never, unknown>[];

  constructor(
    private readonly lineage: LineageRecorder,
    parse: Parse,
    checkLicence: CheckLicence,
    findText: FindText,
  ) {
    this.#adapters = [parse, checkLicence, findText];
  }

  @ReplayHandler({ route: PACKAGES_ROUTE, adapter: 'parse' })
  parse(directory: string): Promise<unknown> {
    return this.#goOn('parse', directory);
  }

  @ReplayHandler({ route: PACKAGES_ROUTE, adapter: 'check-licence' })
  checkLicence(manifest: Manifest): Promise<unknown> {
    return this.#goOn('check-licence', manifest);
  }

  @ReplayHandler({ route: PACKAGES_ROUTE, adapter: 'find-text' })
  findText(found: LicensedPackage): Promise<unknown> {
    return this.#goOn('find-text', found);
  }

  /** Works as the record that is open, and then as children of it. */
  async #goOn(name: string, input: unknown): Promise<unknown> {
    const place = this.#adapters.findIndex((adapter) => adapter.name === name);
    const output = await this.#adapters[place]?.process(input as never);
    const next = this.#adapters[place + 1];
    if (!next) return output;
    await this.lineage
      .run({ route: PACKAGES_ROUTE, adapter: next.name, input: output }, () => this.#goOn(next.name, output))
      // A finding further on: its record has failed, and this one has not.
      .catch(() => undefined);
    return output;
  }
}
