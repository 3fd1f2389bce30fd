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

/** Several ids of a path: all that are none are named. */
export class IdsPipe<Field extends string> implements PipeTransform<
  Record<Field, string>,
  Record<Field, string>
> {
  private readonly fields: readonly Field[];

  constructor(...fields: readonly Field[]) {
    this.fields = fields;
  }

  transform(value: Record<Field, string>): Record<Field, string> {
    const wrong = this.fields.filter((field) => !isId(value[field]));
    if (wrong.length > 0) throw invalidRequest(wrong.map((field) => ({ field, message: ID_EXPECTED })));
    const entries = this.fields.map((field) => [field, value[field].toLowerCase()]);
    return Object.fromEntries(entries) as Record<Field, string>;
  }
}

/** Documents the `id` of a path. */
export const ApiId = (): MethodDecorator =>
  ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });
