import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * Removes the base path from every request that has it, so a proxy may keep or remove it. Works on the server instead
 * of the router, because socket.io reads its requests there.
 */
export function removeBasePath(fastify: FastifyInstance, basePath: string): void {
  if (basePath === '') return;
  const strip = (request: IncomingMessage) => {
    request.url = withoutBase(request.url ?? '/', basePath);
  };
  // At `onReady` socket.io has put itself before the other listeners, so this comes before it.
  fastify.addHook('onReady', (done) => {
    fastify.server.prependListener('request', strip).prependListener('upgrade', strip);
    done();
  });
}

/** @returns the path and query of a request as if it had been sent to the root */
export function withoutBase(url: string, basePath: string): string {
  if (!url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
}
