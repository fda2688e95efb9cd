import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { routeConfig } from './route.decorators.js';

const FIELD = /\{(\w+)\}/g;

/**
 * A POST that creates a resource. It answers 201, and `Location` is the path of the resource.
 * @param location path with fields of the answer, e.g. `/v1/alert-rules/{id}`
 * @param schema schema of the answer
 */
export function Creates(location: `/${string}`, schema: z.ZodType): MethodDecorator {
  return applyDecorators(
    HttpCode(201),
    routeConfig({ location }),
    ApiResponse({
      status: 201,
      standardSchema: schema,
      headers: {
        Location: { description: 'Path of the created resource', schema: { type: 'string', format: 'uri-reference' } },
      },
    }),
  );
}

/**
 * Sets `Location` on routes with `@Creates()`, from the answer: a replay of an `@Idempotent()` request has it too.
 * @param basePath the path under which clients reach this server, e.g. `/desk`, or nothing
 */
export function locateCreated(fastify: FastifyInstance, basePath: string): void {
  fastify.addHook('onRoute', (route) => {
    const template = route.config?.location;
    if (template === undefined) return;
    route.preSerialization = (_request, reply, answer: unknown, done) => {
      if (reply.statusCode === 201) {
        const path = template.replace(FIELD, (_, field: string) =>
          encodeURIComponent(String((answer as Record<string, unknown>)[field])),
        );
        void reply.header('Location', `${basePath}${path}`);
      }
      done(null, answer);
    };
  });
}
