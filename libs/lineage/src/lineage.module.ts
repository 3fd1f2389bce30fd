import {
  ConfigurableModuleBuilder,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { addDefaultRecorder, removeDefaultRecorder } from './default-recorder';
import type { LineageOptions } from './options';
import { createLineageRecorder, LineageRecorder } from './recorder';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<LineageOptions>({
  moduleName: 'Lineage',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createLineageOptions')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Provides `LineageRecorder`, everywhere unless `isGlobal: false`. Imported once, by `forRoot(options)` or
 * `forRootAsync({ useFactory | useClass | useExisting })`. Messages go through Nest's logger unless the options
 * name another. Shutdown (`app.close()`, or a signal with `enableShutdownHooks()`) flushes, `flushTimeoutMs` at most.
 */
@Module({
  providers: [
    {
      provide: LineageRecorder,
      useFactory: (options: LineageOptions) =>
        createLineageRecorder({ logger: new Logger('Lineage'), ...options }),
      inject: [MODULE_OPTIONS_TOKEN],
    },
  ],
  exports: [LineageRecorder],
})
export class LineageModule extends ConfigurableModuleClass implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly recorder: LineageRecorder) {
    super();
  }

  onModuleInit(): void {
    addDefaultRecorder(this.recorder);
  }

  async onApplicationShutdown(): Promise<void> {
    removeDefaultRecorder(this.recorder);
    await this.recorder.close();
  }
}
