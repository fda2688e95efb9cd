import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

const UPLOADS = '/v1/instruments/imports';

/** How long the rest of a refused upload is read before its answer is given, ms. */
const DRAIN_MS = 1_000;

/** Whether the route (by its template) takes an upload. */
export function isUpload(route: string | undefined): boolean {
  return route === UPLOADS;
}

/** Uploads reach their handler as they arrive, whatever their type: nothing is held in memory, and no body limit ends them. */
export function addUploadStream(fastify: FastifyInstance): void {
  const raw = 'application/x-deskwire-upload';
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.method === 'POST' && isUpload(request.routeOptions.url)) {
      Object.assign(request, { uploadType: request.headers['content-type'] });
      request.headers['content-type'] = raw;
    }
    done();
  });
  // A refusal may come before the upload has ended. Answered at once, it would be lost with the reset of a connection
  // that nobody reads, or leave a kept-alive one stuck in the middle of a body.
  // By callback: an async hook would make every other request of the app wait for a promise.
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (request.method !== 'POST' || !isUpload(request.routeOptions.url) || request.raw.complete)
      return done(null, payload);
    void drained(request.raw).then(() => {
      if (!request.raw.complete) void reply.header('connection', 'close');
      done(null, payload);
    });
  });
  fastify.addContentTypeParser(raw, { bodyLimit: Number.MAX_SAFE_INTEGER }, (_request, payload, done) =>
    done(null, payload),
  );
}

/** Reads and drops the rest of a body, for DRAIN_MS at most. */
async function drained(body: IncomingMessage): Promise<void> {
  const given = new AbortController();
  const ended = once(body, 'end', { signal: given.signal }).catch(() => undefined);
  body.resume();
  await Promise.race([ended, delay(DRAIN_MS, undefined, { signal: given.signal }).catch(() => undefined)]);
  given.abort();
}
