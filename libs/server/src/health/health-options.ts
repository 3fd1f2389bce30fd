import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface HealthOptions {
  /** What must hold before requests make sense, by name; a check that throws or takes too long does not hold. */
  readonly checks: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>>;
  /** Longest time a check may take; default 2,000. */
  readonly timeoutMs?: number;
}

export const { ConfigurableModuleClass: ConfigurableHealthModule, MODULE_OPTIONS_TOKEN: HEALTH_OPTIONS } =
  new ConfigurableModuleBuilder<HealthOptions>().setClassMethodName('forRoot').build();
