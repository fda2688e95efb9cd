import type { FastifyInstance } from 'fastify';
import { requestError } from '#errors';

/**
 * Refuses a request with two Host headers (RFC 9112 section 3.2). Node keeps the first of them, a proxy in front may have
 * read the second.
 */
export function refuseTwoHosts(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!hasTwoHosts(request.raw.rawHeaders)) return done();
    void reply.header('Connection', 'close');
    done(twoHosts());
  });
}

export const twoHosts = () =>
  requestError('REQUEST_INVALID', 'The request has more than one Host header. Send exactly one (RFC 9112).');

/** @param rawHeaders names and values, alternating, in order of arrival */
export function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}
