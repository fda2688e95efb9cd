import type { FastifyInstance } from 'fastify';
import { DomainError } from '#errors';

const PROBES = /^\/(health|metrics)(\/|\?|$)/;

/** A worker process answers health probes and metrics, and refuses every other request with 503. */
export function serveProbesOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (PROBES.test(request.url)) return done();
    done(
      new DomainError(
        'API_IS_A_WORKER',
        'This process does background work only (DESKWIRE_ROLE=worker). Send requests to a process whose role is web or all.',
        { kind: 'unavailable' },
      ),
    );
  });
}
