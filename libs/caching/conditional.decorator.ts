import { ApiExtension } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * The answer has an `ETag`: a client that sends it in `If-None-Match` gets 304 while the content is the same. The handler
 * calls `isUnchanged()`; the documents get the headers and the 304.
 */
export const Conditional = (): MethodDecorator => ApiExtension('x-conditional', true) as MethodDecorator;

/**
 * Sets `ETag`, and 304 if the client has this version.
 * @param etag a weak entity tag, `W/".."`
 * @returns whether the answer is 304, which has no body
 */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  void reply.header('etag', etag);
  const held = request.headers['if-none-match'];
  if (held === undefined || !names(held, etag)) return false;
  void reply.code(304);
  return true;
}

/** Weak comparison of RFC 9110, section 13.1.2. */
function names(header: string, etag: string): boolean {
  if (header === etag) return true;
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag.slice(2));
}
