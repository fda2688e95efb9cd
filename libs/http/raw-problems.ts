import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '#errors';

type ConnectionError = Error & { code?: string };

const REFUSALS: Record<string, [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

/** What is no HTTP request at all has no route, no reply and no hook: its problem is written by hand. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const [statusCode, message] = REFUSALS[error.code ?? ''] ?? [400, 'This is not HTTP as RFC 9112 has it.'];
  const id = randomUUID();
  const problem = problemOf(Object.assign(new Error(message), { statusCode }), id);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${statusCode} ${problem.title}\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `X-Correlation-Id: ${id}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroySoon(),
  );
}

/** A path that the router cannot decode or a parameter that is too long: raised before any hook has run. */
export function answerRouterError(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  const id = randomUUID();
  const problem = problemOf(error, id);
  void reply
    .status(problem.status)
    .headers({
      'X-Correlation-Id': id,
      'X-Content-Type-Options': 'nosniff',
      'Content-Type': 'application/problem+json; charset=utf-8',
    })
    .send(JSON.stringify(problem));
}
