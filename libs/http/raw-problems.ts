import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type Problem, problemOf } from '#errors';

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
  answerOnSocket(socket, Object.assign(new Error(message), { statusCode }));
}

/** Writes a problem document to a socket that has no HTTP response, and ends the connection. */
export function answerOnSocket(socket: Socket, error: Error): void {
  const { problem, headers, body } = rawAnswer(error);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`, () => socket.destroySoon());
}

/** Answers a request of the server that Fastify does not see. */
export function answerResponse(response: ServerResponse, error: Error): void {
  const { problem, headers, body } = rawAnswer(error);
  response.writeHead(problem.status, headers).end(body);
}

function rawAnswer(error: Error): { problem: Problem; headers: Record<string, string>; body: string } {
  const id = randomUUID();
  const problem = problemOf(error, id);
  const body = JSON.stringify(problem);
  const retryAfterMs = error instanceof DomainError ? error.details.retryAfterMs : undefined;
  const headers = {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...(retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    'X-Correlation-Id': id,
    Connection: 'close',
  };
  return { problem, headers, body };
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
