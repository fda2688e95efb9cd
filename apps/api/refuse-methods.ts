import { MethodNotAllowedException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { MethodTable } from './method-table.js';

/** A known path with the wrong method is 405 with `Allow`, not 404. Call before routes are registered. */
export function refuseWrongMethods(fastify: FastifyInstance): void {
  const table = new MethodTable();
  fastify.addHook('onRoute', (route) => table.add(route.url, [route.method].flat()));
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const allowed = table.methodsOf(request.url.split('?', 1)[0]!);
    if (allowed.length === 0) return done();
    void reply.header('Allow', allowed.join(', '));
    done(new MethodNotAllowedException(`This path takes ${allowed.join(', ')}, not ${request.method}.`));
  });
}
