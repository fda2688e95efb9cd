import type { FastifyInstance } from 'fastify';

const BEARER = /^bearer +([^ ]+) *$/i;

/** Resolves if the bearer token is valid. @throws the error to answer with */
export type Authenticate = (token: string | undefined) => Promise<unknown>;

/**
 * Applies `@BodyLimit()`, and reads a body above the usual limit only for authenticated callers: guards run after the
 * body has been read, and reading 64 MiB for a stranger takes half a second of CPU time.
 * @param usual limit of every other route, in bytes
 */
export function admitLargeBodies(fastify: FastifyInstance, authenticate: Authenticate, usual: number): void {
  fastify.addHook('onRoute', (route) => {
    const limit = route.config?.bodyLimit;
    if (limit !== undefined) route.bodyLimit = limit;
  });
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.routeOptions.bodyLimit <= usual || Number(request.headers['content-length']) <= usual)
      return done(null, payload);
    authenticate(BEARER.exec(request.headers.authorization ?? '')?.[1]).then(
      () => done(null, payload),
      (error: Error) => done(error),
    );
  });
}
