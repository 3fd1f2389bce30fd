import { Module, type DynamicModule } from '@nestjs/common';
import { stderrLogger } from '@factflow/lineage';
import { LineageModule } from '@factflow/lineage/nest';
import { Audit } from './audit';
import { BrokenCheckLicence } from './broken-check-licence';
import { CheckLicence } from './check-licence';
import type { Config } from './config';
import { Discover } from './discover';
import { FindText } from './find-text';
import { PackageLane } from './package-lane';
import { Parse } from './parse';
import { Replays } from './replays';
import { WriteReport } from './write-report';

/** The service: lineage, and the adapters of the pipeline. */
@Module({
  providers: [Audit, Discover, PackageLane, Parse, FindText, WriteReport, Replays],
  exports: [Audit],
})
export class AppModule {
  static with(config: Config): DynamicModule {
    const { endpoint, token, structuredLog, spoolDirectory, flushTimeoutMs } = config;
    const lineage = LineageModule.forRoot({
      endpoint,
      ...(token === undefined ? {} : { token }),
      service: 'licence-audit',
      structuredLog,
      spoolDirectory,
      flushTimeoutMs,
      // What the check of licences fails on is small: kept, it can be read, and replayed.
      capture: { adapters: { 'packages/check-licence': 'input' } },
      logger: stderrLogger,
    });
    const checkLicence = {
      provide: CheckLicence,
      useClass: config.broken ? BrokenCheckLicence : CheckLicence,
    };
    return { module: AppModule, imports: [lineage], providers: [checkLicence] };
  }
}
