import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ConfigurableHealthModule } from './health-options';
import { HealthController } from './health.controller';

/**
 * `GET /health/live` (the process answers) and `GET /health/ready` (every check holds; else 503).
 * `HealthModule.forRoot({ checks })`, or `forRootAsync` where a check needs what a module provides.
 */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
})
export class HealthModule extends ConfigurableHealthModule {}
