import type { FastifyInstance } from 'fastify';
import { DomainError } from '#errors';

const OPEN = /^\/(health|metrics)(\/|\?|$)/;

/** A worker answers probes and the collector of metrics; requests of users belong to the web processes. */
export function serveProbesOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (OPEN.test(request.url)) return done();
    done(
      new DomainError(
        'API_IS_A_WORKER',
        'This process only works in the background (DESKWIRE_ROLE=worker); ask one whose role is web or all.',
        { kind: 'unavailable' },
      ),
    );
  });
}
