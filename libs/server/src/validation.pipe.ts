import { Injectable, ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { ProblemError, type FieldError } from './problem';

/** Deepest nesting of a body that is looked at; the transformation below is recursive. */
const MAX_DEPTH = 64;
/** Said of a field that nothing here takes. */
export const UNKNOWN = 'is not known here';

/**
 * Turns bodies and queries into instances of their DTO classes and answers 400 with one entry in `errors` per
 * thing wrong, fields that the DTO does not know included.
 */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      exceptionFactory: (errors) => invalidRequest(errors.flatMap((error) => fieldErrors(error))),
    });
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (this.toValidate(metadata)) refuseHostile(value);
    return super.transform(value, metadata);
  }
}

/** What the transformation would not survive, or leave out without a word. */
function refuseHostile(value: unknown): void {
  if (isDeeperThan(MAX_DEPTH, value)) {
    throw invalidRequest([{ field: '', message: `must not be nested deeper than ${MAX_DEPTH}` }]);
  }
  // Names that every object has: some would change the instance, others are left out as if they had not been sent.
  const meddling = Object.keys(Object(value)).filter(
    (name) => name === 'prototype' || name in Object.prototype,
  );
  if (meddling.length > 0) throw invalidRequest(meddling.map((field) => ({ field, message: UNKNOWN })));
}

/** The 400 for a request that was read but makes no sense, field by field. */
export function invalidRequest(errors: readonly FieldError[]): ProblemError {
  const fields = [...new Set(errors.map(({ field }) => field))].filter(Boolean);
  const detail = fields.length > 0 ? `Not valid: ${fields.join(', ')}.` : 'The request is not valid.';
  return new ProblemError({ status: 400, code: 'invalid_request', detail, errors });
}

function fieldErrors(error: ValidationError, parent = ''): FieldError[] {
  const { property, constraints = {}, children = [] } = error;
  const unknown = 'whitelistValidation' in constraints;
  const name = unknown ? property : toWire(property);
  const field = /^\d+$/.test(name) && parent ? `${parent}[${name}]` : parent ? `${parent}.${name}` : name;
  const own = Object.values(constraints).map((message) => ({
    field,
    message: unknown ? UNKNOWN : message.replace(property, name),
  }));
  return [...own, ...children.flatMap((child) => fieldErrors(child, field))];
}

/** Properties are camelCase in a DTO and snake_case on the wire. */
const toWire = (property: string): string =>
  property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function isDeeperThan(depth: number, value: unknown): boolean {
  let level = [value];
  for (let left = depth; left >= 0; left -= 1) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}
