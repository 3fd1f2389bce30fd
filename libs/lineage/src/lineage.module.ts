import {
  ConfigurableModuleBuilder,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { addDefaultRecorder, removeDefaultRecorder } from './default-recorder';
import { readOptions, type LineageOptions } from './options';
import { createLineageRecorder, LineageRecorder } from './recorder';
import { ReplayService } from './replay-service';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<LineageOptions>({
  moduleName: 'Lineage',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createLineageOptions')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

const withLogger = (options: LineageOptions): LineageOptions => ({
  logger: new Logger('Lineage'),
  ...options,
});

/**
 * Provides `LineageRecorder`, everywhere unless `isGlobal: false`. Imported once, by `forRoot(options)` or
 * `forRootAsync({ useFactory | useClass | useExisting })`. Messages go through Nest's logger unless the options
 * name another. Where providers have methods with `@ReplayHandler`, work of replays is taken for them. Shutdown (`app.close()`, or a signal with `enableShutdownHooks()`) flushes, `flushTimeoutMs` at most.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    ReplayService,
    {
      provide: LineageRecorder,
      useFactory: (options: LineageOptions) => createLineageRecorder(withLogger(options)),
      inject: [MODULE_OPTIONS_TOKEN],
    },
  ],
  exports: [LineageRecorder],
})
export class LineageModule
  extends ConfigurableModuleClass
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  constructor(
    private readonly recorder: LineageRecorder,
    private readonly replays: ReplayService,
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: LineageOptions,
  ) {
    super();
  }

  onModuleInit(): void {
    addDefaultRecorder(this.recorder);
  }

  onApplicationBootstrap(): void {
    this.replays.start(readOptions(withLogger(this.options)));
  }

  /** What handlers need is still there. */
  async onModuleDestroy(): Promise<void> {
    await this.replays.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    removeDefaultRecorder(this.recorder);
    await this.recorder.close();
  }
}
