import { isPayloadKey } from '@factflow/domain';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { invalidRequest } from './validation.pipe';

/** The `key` of a path: the digest of a payload. */
@Injectable()
export class PayloadKeyPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (isPayloadKey(value)) return value;
    throw invalidRequest([{ field: 'key', message: 'must be sha256: and 64 hex digits in lower case' }]);
  }
}

/** Documents the `key` of a path. */
export const ApiPayloadKey = (): MethodDecorator =>
  ApiParam({ name: 'key', schema: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' } });
