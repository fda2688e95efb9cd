import type { FastifyInstance } from 'fastify';
import type { Authenticator } from '#auth';

const BEARER = /^bearer +([^ ]+) *$/i;

/**
 * `@BodyLimit()` takes effect, and only for callers who are somebody: guards run after the body has been read, and
 * reading 64 MiB for a stranger costs half a second of the process.
 * @param usual bytes that anybody may send
 */
export function admitLargeBodies(
  fastify: FastifyInstance,
  authenticator: () => Pick<Authenticator, 'authenticate'>,
  usual: number,
): void {
  fastify.addHook('onRoute', (route) => {
    const limit = (route.config as { bodyLimit?: number } | undefined)?.bodyLimit;
    if (limit !== undefined) route.bodyLimit = limit;
  });
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.routeOptions.bodyLimit <= usual || Number(request.headers['content-length']) <= usual)
      return done(null, payload);
    authenticator()
      .authenticate(BEARER.exec(request.headers.authorization ?? '')?.[1])
      .then(
        () => done(null, payload),
        (error: Error) => done(error),
      );
  });
}
