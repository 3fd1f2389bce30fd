import { isId } from '@factflow/domain';
import { invalidRequest } from '@factflow/server';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { ID_EXPECTED } from './query-fields';

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
