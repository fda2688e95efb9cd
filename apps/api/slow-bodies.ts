import { RequestTimeoutException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

export interface SlowBodyLimits {
  /** A parsed body must be here whole within this time, ms. */
  wholeMs: number;
  /** A streamed upload may last, but not stand still for so long, ms. */
  stillMs: number;
}

export const SLOW_BODY_LIMITS: SlowBodyLimits = { wholeMs: 15_000, stillMs: 30_000 };

/**
 * Ends bodies that trickle. Node's `requestTimeout` is one for the whole server and would end honest uploads too,
 * so it is only the last resort.
 */
export function endSlowBodies(
  fastify: FastifyInstance,
  isUpload: (url: string | undefined) => boolean,
  limits = SLOW_BODY_LIMITS,
): void {
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    const { raw } = request;
    // RFC 9112 section 6.3: without either there is no body, and no timer is needed.
    if (raw.headers['content-length'] === undefined && raw.headers['transfer-encoding'] === undefined)
      return done(null, payload);
    const upload = isUpload(request.routeOptions.url);
    let bytes = raw.socket.bytesRead;
    const tooSlow = () => {
      if (raw.complete || reply.sent) return;
      // Standing still is the client's doing only if nothing waits to be read here.
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
          new RequestTimeoutException('The body did not arrive in time. Send it again, faster or in smaller parts.'),
        );
    };
    const timer = setTimeout(tooSlow, upload ? limits.stillMs : limits.wholeMs).unref();
    raw.once('close', () => clearTimeout(timer));
    done(null, payload);
  });
}
