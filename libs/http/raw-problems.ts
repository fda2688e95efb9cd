import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '#errors';

type ConnectionError = Error & { code?: string };

const REFUSALS: Record<string, [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

/** Answers bytes that are not an HTTP request. They have no route, no reply and no hook, so the answer is written to the socket. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const [statusCode, message] = REFUSALS[error.code ?? ''] ?? [400, 'This is not an HTTP request (RFC 9112).'];
  const id = randomUUID();
  const problem = problemOf(Object.assign(new Error(message), { statusCode }), id);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${statusCode} ${problem.title}\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `X-Correlation-Id: ${id}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroySoon(),
  );
}

/** Answers a path that the router cannot decode and a parameter that is too long. No hook has run by then. */
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
