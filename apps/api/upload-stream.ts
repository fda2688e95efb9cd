import type { FastifyInstance } from 'fastify';

const UPLOADS = '/v1/instruments/imports';

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
  fastify.addContentTypeParser(raw, { bodyLimit: Number.MAX_SAFE_INTEGER }, (_request, payload, done) => done(null, payload));
}
