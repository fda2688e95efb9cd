import type { FastifyInstance } from 'fastify';

const UPLOADS = '/v1/instruments/imports';

/** Uploads reach their handler as they arrive, whatever their type: nothing is held in memory, and no body limit ends them. */
export function addUploadStream(fastify: FastifyInstance): void {
  const raw = 'application/x-deskwire-upload';
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.method === 'POST' && request.routeOptions.url === UPLOADS) {
      Object.assign(request, { uploadType: request.headers['content-type'] });
      request.headers['content-type'] = raw;
    }
    done();
  });
  fastify.addContentTypeParser(raw, { bodyLimit: Number.MAX_SAFE_INTEGER }, (_request, payload, done) => done(null, payload));
}
