import { MethodNotAllowedException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { MethodTable } from './method-table.js';

/** Answers a known path with an unsupported method by 405 and `Allow`, not by 404. */
export function refuseWrongMethods(fastify: FastifyInstance, table: MethodTable): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const allowed = table.methodsOf(request.url);
    if (allowed.length === 0) return done();
    void reply.header('Allow', allowed.join(', '));
    done(new MethodNotAllowedException(`This path accepts ${allowed.join(', ')}, not ${request.method}.`));
  });
}
