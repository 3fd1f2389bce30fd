import { API_PREFIX, createOpenApiDocument, type OpenApiOptions } from '@factflow/server';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AppModule } from './app.module';
import { readQueryConfig } from './config';

export const OPENAPI: OpenApiOptions = {
  title: 'Factflow Lineage: query',
  description:
    'Records of what happened to every message of a pipeline, and how they hang together. Read-only.',
  version: '1',
};

/** The OpenAPI document as the app serves it, made without a database. */
export async function openApiDocument(): Promise<OpenAPIObject> {
  const config = readQueryConfig({ DATABASE_URL: 'postgres://nowhere' });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config),
    new FastifyAdapter(),
    { logger: false },
  );
  try {
    return createOpenApiDocument(app.setGlobalPrefix(API_PREFIX), OPENAPI);
  } finally {
    await app.close();
  }
}
