import type { FastifyInstance } from 'fastify';
import { requestError } from '#errors';

export interface SlowBodyLimits {
  /** Maximum time for a parsed body to arrive, in ms. */
  wholeMs: number;
  /** Maximum time without a new byte of a streamed upload, in ms. */
  stillMs: number;
}

/**
 * Ends bodies that arrive too slowly. Node's `requestTimeout` is one for the whole server and would end honest uploads
 * too, so it is only the last resort.
 */
export function endSlowBodies(fastify: FastifyInstance, limits: SlowBodyLimits): void {
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    const { raw } = request;
    // RFC 9112 section 6.3: a request with neither header has no body, so it needs no timer.
    if (raw.headers['content-length'] === undefined && raw.headers['transfer-encoding'] === undefined)
      return done(null, payload);
    const upload = request.routeOptions.config.upload === true;
    let bytes = raw.socket.bytesRead;
    const tooSlow = () => {
      if (raw.complete) return;
      // The request was refused before its body. The rest of the body may keep the connection no longer.
      if (reply.sent) return void raw.socket.destroy();
      // An upload with unread bytes waits for this server, not for the client.
      const arrived = raw.socket.bytesRead;
      if (upload && (arrived !== bytes || raw.readableLength > 0)) {
        bytes = arrived;
        timer.refresh();
        return;
      }
      reply.raw.once('finish', () => raw.socket.destroy());
      void reply
        .header('Connection', 'close')
        .send(
          requestError(
            'REQUEST_TIMEOUT',
            'The request body did not arrive in time. Send it again on a faster connection or in smaller parts.',
          ),
        );
    };
    const timer = setTimeout(tooSlow, upload ? limits.stillMs : limits.wholeMs).unref();
    raw.once('close', () => clearTimeout(timer));
    done(null, payload);
  });
}
