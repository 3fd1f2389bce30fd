import { UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { invalidRequest, UNKNOWN } from './validation.pipe';

const withoutParameters: CanActivate = {
  canActivate: (context: ExecutionContext): boolean => {
    const { query } = context.switchToHttp().getRequest<FastifyRequest>();
    const given = Object.keys(Object(query));
    if (given.length > 0) throw invalidRequest(given.map((field) => ({ field, message: UNKNOWN })));
    return true;
  },
};

/**
 * A route whose query takes no parameters: any is refused by its name. Routes that do take some have a DTO, which
 * `RequestValidationPipe` holds them against.
 */
export const TakesNoParameters = (): MethodDecorator => UseGuards(withoutParameters);
