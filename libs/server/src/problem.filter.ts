import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { problemOf, sendProblem } from './problem';
import { toProblemError, type ProblemOptions } from './problem-mapping';

/** The one place that turns errors into answers: problem documents, never a stack trace. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly options: ProblemOptions = {}) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = toProblemError(error, this.options);
    if (problem.status >= 500 && problem !== error) this.log(error, problem.status);
    if (reply.raw.headersSent) {
      // Too late for a status: a connection that breaks off is the only way left to say that the answer is not whole.
      reply.raw.destroy();
      return;
    }
    sendProblem(reply, problemOf(problem), problem.headers);
  }

  private log(error: unknown, status: number): void {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    if (status === 503) this.logger.warn(message);
    else this.logger.error(message, stack);
  }
}
