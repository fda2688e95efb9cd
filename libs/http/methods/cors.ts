import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { MethodTable } from './method-table.js';

/** Headers of an answer that a script of another origin may read. */
const EXPOSED = [
  'X-Correlation-Id',
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
];

/** Lets browsers call from these origins. A preflight request is answered with the methods of its path. */
export function allowOrigins(app: NestFastifyApplication, origins: readonly string[], table: MethodTable): void {
  if (origins.length === 0) return;
  const usual = { origin: [...origins], exposedHeaders: EXPOSED, maxAge: 600 };
  const optionsOf = (request: FastifyRequest, done: (error: Error | null, options: object) => void) =>
    done(null, request.method === 'OPTIONS' ? { ...usual, methods: table.methodsOf(request.url) } : usual);
  // Nest passes a function of two parameters to @fastify/cors, which its own types do not declare.
  app.enableCors(optionsOf as never);
}
