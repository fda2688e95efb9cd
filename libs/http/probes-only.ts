import type { FastifyInstance } from 'fastify';
import { defineErrors } from '#errors';

const roleError = defineErrors({
  API_IS_A_WORKER: {
    kind: 'unavailable',
    meaning: 'The process does background work only.',
    fix: 'Send requests to a process whose `DESKWIRE_ROLE` is `web` or `all`.',
  },
});

const PROBES = /^\/(health|metrics)(\/|\?|$)/;

export const isWorker = () =>
  roleError(
    'API_IS_A_WORKER',
    'This process does background work only (DESKWIRE_ROLE=worker). Send requests to a process whose role is web or all.',
  );

/** A worker process answers health probes and metrics, and refuses every other request with 503. */
export function serveProbesOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(PROBES.test(request.url) ? undefined : isWorker());
  });
}
