import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { withTimeout } from '#resilience';

/** Content type under which Fastify parses uploads, so that the client's own type selects no other parser. */
const UPLOAD_TYPE = 'application/x-deskwire-upload';

/** How long the rest of a refused upload is read before the refusal is sent, in ms. */
const DRAIN_MS = 1_000;

/** Routes with `@Upload()` get their body as a stream; `request.uploadType` is the Content-Type the client sent. */
export function streamUploads(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.routeOptions.config.upload) {
      Object.assign(request, { uploadType: request.headers['content-type'] });
      request.headers['content-type'] = UPLOAD_TYPE;
    }
    done();
  });
  // A handler may refuse an upload before all of it has arrived. An answer sent at once is lost when the connection is
  // reset, or leaves a kept-alive connection in the middle of a body.
  // A callback, because an async hook would make every other request wait for a promise.
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (!request.routeOptions.config.upload || request.raw.complete) return done(null, payload);
    void drained(request.raw).then(() => {
      if (!request.raw.complete) void reply.header('connection', 'close');
      done(null, payload);
    });
  });
  fastify.addContentTypeParser(UPLOAD_TYPE, { bodyLimit: Number.MAX_SAFE_INTEGER }, (_request, payload, done) =>
    done(null, payload),
  );
}

/** Reads and drops the rest of a body, for at most DRAIN_MS. */
async function drained(body: IncomingMessage): Promise<void> {
  const given = new AbortController();
  const ended = once(body, 'end', { signal: given.signal }).catch(() => undefined);
  body.resume();
  await withTimeout(ended, DRAIN_MS, () => undefined);
  given.abort();
}
