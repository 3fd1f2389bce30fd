import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

// Fields of answers as the OpenAPI document has them. Every field is always present; absent is `null`.

interface FieldOptions {
  readonly nullable?: boolean;
  readonly description?: string;
}

/** An id, lower-case. */
export const Id = (options: FieldOptions = {}): PropertyDecorator =>
  ApiProperty({ type: String, format: 'uuid', ...options });

/** RFC 3339 in UTC with milliseconds. */
export const Time = (options: FieldOptions = {}): PropertyDecorator =>
  ApiProperty({ type: String, format: 'date-time', ...options });

export const Text = (options: FieldOptions = {}): PropertyDecorator =>
  ApiProperty({ type: String, ...options });

export const Flag = (description?: string): PropertyDecorator => ApiProperty({ type: Boolean, description });

/** A whole number, never below 0. */
export const Count = (description?: string): PropertyDecorator =>
  ApiProperty({ type: 'integer', minimum: 0, description });

/** One of a few words, a named type of the document. */
export const Word = (
  words: readonly string[],
  enumName: string,
  options: FieldOptions = {},
): PropertyDecorator => ApiProperty({ enum: [...words], enumName, ...options });

/** JSON of whoever recorded it: the one thing whose inside is not described. */
export const FreeJson = (options: FieldOptions = {}): PropertyDecorator =>
  ApiProperty({ type: 'object', additionalProperties: true, ...options } as ApiPropertyOptions);

/** Continues a list. */
export const NextCursor = (): PropertyDecorator =>
  ApiProperty({
    type: String,
    nullable: true,
    description: '`cursor` of the request for what follows; null: nothing follows',
  });
