import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '#errors';

const MAX_DEPTH = 32;
const MAX_KEYS = 1_000;

/** Parses JSON within limits: JSON.parse itself takes 500,000 levels, and then JSON.stringify dies of 10,000. */
export function addJsonParser(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser(['application/json', 'application/*+json'], { parseAs: 'string' }, (request: FastifyRequest, text: string, done) => {
    if (text === '') return done(null, undefined);
    parse(request, text, (error: Error | null, body?: unknown) => {
      if (error) return done(bodyError('The body is no JSON that can be taken.', error.message), undefined);
      const wrong = beyondLimits(body);
      done(wrong ? bodyError('The body is too deep or too wide.', wrong) : null, body);
    });
  });
}

/** What is over a limit, or undefined. Iterative: a recursive walk would itself overflow. */
function beyondLimits(body: unknown): string | undefined {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `at most ${MAX_DEPTH} levels of nesting`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      if (Array.isArray(value)) {
        for (const item of value) if (typeof item === 'object' && item !== null) next.push(item);
        continue;
      }
      const items = Object.values(value);
      if (items.length > MAX_KEYS) return `at most ${MAX_KEYS} fields in one object`;
      for (const item of items) if (typeof item === 'object' && item !== null) next.push(item);
    }
    level = next;
  }
  return undefined;
}

function bodyError(message: string, allowed: string): DomainError & { statusCode: number } {
  return Object.assign(new DomainError('REQUEST_INVALID', `${message} ${allowed}`, { kind: 'invalid', errors: [{ field: '', allowed }] }), { statusCode: 400 });
}
