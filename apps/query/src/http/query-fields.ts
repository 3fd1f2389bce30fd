import { isId, LIMITS, parseTime } from '@factflow/domain';
import { ID_EXPECTED } from '@factflow/server';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, ValidateBy } from 'class-validator';

// Parameters of queries, each with its check and its documentation. DTO classes name them as the wire does.

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 1000;
const MAX_CURSOR_CHARACTERS = 1000;

/** A parameter that must be given and hold; `expected` completes "<field> …". */
function requiredField(
  documentation: ApiPropertyOptions,
  expected: string,
  isValid: (value: unknown) => boolean,
): PropertyDecorator {
  const defaultMessage = ({ value }: { value?: unknown } = {}): string =>
    value === undefined ? 'must be given' : Array.isArray(value) ? 'must be given once' : expected;
  return applyDecorators(
    ApiProperty(documentation),
    ValidateBy({ name: 'query-field', validator: { validate: isValid, defaultMessage } }),
  );
}

/** A parameter that must hold if it is given. */
const optionalField = (
  documentation: ApiPropertyOptions,
  expected: string,
  isValid: (value: unknown) => boolean,
): PropertyDecorator =>
  applyDecorators(
    requiredField({ ...documentation, required: false } as ApiPropertyOptions, expected, isValid),
    IsOptional(),
  );

/** What the text stands for; anything but one text (a parameter given twice) stays as it is and fails its check. */
const fromText = (read: (text: string) => unknown): PropertyDecorator =>
  Transform(({ value }) => (typeof value === 'string' ? read(value) : (value as unknown)));

/** An id of any case, compared in lower case. */
export const IdField = (
  description: string,
  { required = false }: { required?: boolean } = {},
): PropertyDecorator =>
  applyDecorators(
    fromText((text) => text.toLowerCase()),
    (required ? requiredField : optionalField)(
      { type: String, format: 'uuid', description },
      ID_EXPECTED,
      (value) => typeof value === 'string' && isId(value),
    ),
  );

/** Text compared exactly: names and hashes, as long as an event may have them. */
export const TextField = (
  description: string,
  maxCharacters: number = LIMITS.nameCharacters,
): PropertyDecorator =>
  optionalField(
    { type: String, description, minLength: 1, maxLength: maxCharacters },
    `must be text of 1 to ${maxCharacters} characters without NUL`,
    (value) =>
      typeof value === 'string' &&
      value.length <= 2 * maxCharacters &&
      value.isWellFormed() &&
      !value.includes('\0') &&
      value !== '' &&
      [...value].length <= maxCharacters,
  );

/** A time with any offset, read as milliseconds since 1970. */
export const TimeField = (description: string): PropertyDecorator =>
  applyDecorators(
    fromText((text) => parseTime(text) ?? text),
    optionalField(
      { type: String, format: 'date-time', description },
      'must be a time as in RFC 3339, such as 2026-11-22T20:34:00.123Z (a + must be sent as %2B)',
      (value) => typeof value === 'number',
    ),
  );

/** One or more of a few words, separated by commas; read as a sorted list without repeats. */
export const SetField = (
  words: readonly string[],
  enumName: string,
  description: string,
): PropertyDecorator =>
  applyDecorators(
    fromText((text) => new WordSet(text)),
    optionalField(
      {
        enum: words as string[],
        enumName,
        isArray: true,
        description,
        style: 'form',
        explode: false,
      } as object,
      `must be one or more of ${words.join(', ')}, separated by commas`,
      (value) => value instanceof WordSet && value.words.every((word) => words.includes(word)),
    ),
  );

/** Words of a set as a query gave them. */
export class WordSet {
  readonly words: readonly string[];

  constructor(text: string) {
    this.words = [...new Set(text.split(','))].sort();
  }
}

/** One of a few words. */
export const WordField = (
  words: readonly string[],
  description: string,
  byDefault: string,
): PropertyDecorator =>
  optionalField(
    { type: String, enum: [...words], default: byDefault, description },
    `must be one of ${words.join(', ')}`,
    (value) => typeof value === 'string' && words.includes(value),
  );

/** Yes or no. */
export const FlagField = (description: string): PropertyDecorator =>
  applyDecorators(
    fromText((text) => (text === 'true' || text === 'false' ? text === 'true' : text)),
    optionalField(
      { type: Boolean, description },
      'must be true or false',
      (value) => typeof value === 'boolean',
    ),
  );

/** A whole number from 1. */
export const NumberField = (description: string, max: number, byDefault?: number): PropertyDecorator =>
  applyDecorators(
    fromText((text) => (/^\d{1,10}$/.test(text) ? Number(text) : text)),
    optionalField(
      { type: 'integer', minimum: 1, maximum: max, description, ...(byDefault && { default: byDefault }) },
      `must be a whole number from 1 to ${max}`,
      (value) => typeof value === 'number' && value >= 1 && value <= max,
    ),
  );

/** How many items an answer holds at most. */
export const LimitField = (byDefault: number = DEFAULT_LIMIT): PropertyDecorator =>
  NumberField('How many items the answer holds at most', MAX_LIMIT, byDefault);

/** Where an answer begins. What is in it is checked where it is opened. */
export const CursorField = (): PropertyDecorator =>
  optionalField(
    {
      type: String,
      maxLength: MAX_CURSOR_CHARACTERS,
      description: '`next_cursor` of an earlier answer to the same question',
    },
    'must be the next_cursor of an earlier answer',
    (value) => typeof value === 'string' && value.length <= MAX_CURSOR_CHARACTERS && value !== '',
  );
