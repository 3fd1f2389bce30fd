import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { ProblemError } from '../problem';
import { HEALTH_OPTIONS, type HealthOptions } from './health-options';

@ApiExcludeController()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    @Inject(HEALTH_OPTIONS) private readonly options: HealthOptions,
  ) {}

  @Get('live')
  @Header('cache-control', 'no-store')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Header('cache-control', 'no-store')
  async ready(): Promise<{ status: string; checks: readonly string[] }> {
    const { checks, timeoutMs = 2000 } = this.options;
    const indicators = Object.entries(checks).map(([name, check]) => async () => {
      const attempt = this.indicators.check(name).attempt(async ({ signal }) => void (await check(signal)));
      return attempt.withTimeout(timeoutMs);
    });
    const { status } = await this.health.check(indicators).catch(notReady);
    return { status, checks: Object.keys(checks) };
  }
}

/** Terminus throws its result when a check is down. */
function notReady(error: unknown): never {
  if (!(error instanceof HttpException)) throw error;
  const { error: down = {} } = error.getResponse() as HealthCheckResult;
  const errors = Object.entries(down).map(([field, result]) => ({
    field,
    message: String(result?.['message'] || 'does not hold'),
  }));
  const detail = `Not ready: ${errors.map(({ field }) => field).join(', ')}.`;
  throw new ProblemError({ status: 503, code: 'not_ready', detail, errors }, { 'retry-after': '1' });
}
