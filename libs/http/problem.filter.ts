import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, ErrorTranslators, problemOf } from '#errors';

/** Answers every HTTP error as application/problem+json (RFC 9457), and logs errors of the server with their stack. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('HTTP');

  constructor(private readonly translators: ErrorTranslators) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest & { correlationId?: string }>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    this.answer(thrown, request, reply);
  }

  answer(thrown: unknown, request: FastifyRequest & { correlationId?: string }, reply: FastifyReply): void {
    const error = this.translators.translate(thrown);
    const problem = problemOf(error, request.correlationId ?? request.id);
    if (problem.status >= 500 && problem.status !== 503) {
      this.logger.error({
        msg: 'request failed',
        err: error,
        code: problem.code,
        correlationId: problem.correlationId,
      });
    }
    if (reply.sent || reply.raw.headersSent) {
      // The head has been sent, so only a broken connection can show the client that the body is incomplete.
      if (!reply.raw.writableEnded) reply.raw.destroy();
      return;
    }
    if (problem.status === 401) void reply.header('WWW-Authenticate', 'Bearer');
    void reply.header('Cache-Control', 'no-store').removeHeader('ETag');
    if (error instanceof DomainError && error.details.retryAfterMs !== undefined) {
      void reply.header('Retry-After', String(Math.max(1, Math.ceil(error.details.retryAfterMs / 1000))));
    }
    void reply
      .status(problem.status)
      .header('Content-Type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify(problem));
  }
}
