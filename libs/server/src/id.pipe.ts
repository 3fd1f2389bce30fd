import { isId } from '@factflow/domain';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { invalidRequest } from './validation.pipe';

export const ID_EXPECTED = 'must be an id: 8-4-4-4-12 hexadecimal digits';

/** The `id` of a path: any case, compared in lower case. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isId(value)) throw invalidRequest([{ field: 'id', message: ID_EXPECTED }]);
    return value.toLowerCase();
  }
}

/** Documents the `id` of a path. */
export const ApiId = (): MethodDecorator =>
  ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });
