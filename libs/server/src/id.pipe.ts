import { isId } from '@factflow/domain';
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { invalidRequest } from './validation.pipe';

export const ID_EXPECTED = 'must be an id: 8-4-4-4-12 hexadecimal digits';

/** An id of a path, such as `id`: any case, compared in lower case. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string, { data: field = 'id' }: Pick<ArgumentMetadata, 'data'> = {}): string {
    if (!isId(value)) throw invalidRequest([{ field, message: ID_EXPECTED }]);
    return value.toLowerCase();
  }
}

/** Documents the `id` of a path. */
export const ApiId = (): MethodDecorator =>
  ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });
