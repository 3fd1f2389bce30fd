import { applyDecorators } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ApiExtraModels,
  ApiProperty,
  ApiResponse,
  DocumentBuilder,
  getSchemaPath,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import type { FieldError, Problem } from './problem';

export interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

/** Where the document and its page are served. */
const OPENAPI_PATH = '/api/openapi.json';
const OPENAPI_PAGE = '/api/docs';

/** The OpenAPI 3.1 document of an app; call it before the app listens. */
export function createOpenApiDocument(app: NestFastifyApplication, options: OpenApiOptions): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(options.title)
    .setDescription(options.description)
    .setVersion(options.version)
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (_controller, method) => method,
  });
}

/** Serves a document as JSON and as a page, all of it from this server. For `configure` of the server's options. */
export function serveOpenApi(app: NestFastifyApplication, options: OpenApiOptions): OpenAPIObject {
  const document = createOpenApiDocument(app, options);
  SwaggerModule.setup(OPENAPI_PAGE, app, document, {
    jsonDocumentUrl: OPENAPI_PATH,
    raw: ['json'],
    customSiteTitle: options.title,
  });
  return document;
}

/** Documented as `FieldErrorDto`. */
class FieldErrorDto implements FieldError {
  @ApiProperty({ description: 'Path of the field, as in the request' })
  readonly field!: string;

  @ApiProperty()
  readonly message!: string;
}

/** The problem document as OpenAPI knows it. */
export class ProblemDto implements Problem {
  @ApiProperty({ example: 'urn:factflow:problem:invalid_request' })
  readonly type!: string;

  @ApiProperty({ example: 'Bad Request' })
  readonly title!: string;

  @ApiProperty({ example: 400 })
  readonly status!: number;

  @ApiProperty({ required: false })
  readonly detail?: string;

  @ApiProperty({ required: false, description: 'Stable name of the problem' })
  readonly code?: string;

  @ApiProperty({ required: false, type: [FieldErrorDto] })
  readonly errors?: FieldErrorDto[];
}

/** Documents the problems that a route may answer with, by status. */
export const ApiProblems = (problems: Readonly<Record<number, string>>): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ApiExtraModels(ProblemDto),
    ...Object.entries(problems).map(([status, description]) =>
      ApiResponse({
        status: Number(status),
        description,
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
      }),
    ),
  );
