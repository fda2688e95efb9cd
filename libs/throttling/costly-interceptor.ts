import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalize, type Observable } from 'rxjs';
import { RequestTurns } from './request-turns.js';
import { userOf } from './route-policy.js';

/**
 * Runs the handler of a `@Costly()` route when its principal's turn comes. Keeps the place until the handler ends, even
 * if the client disconnected.
 */
@Injectable()
export class CostlyInterceptor implements NestInterceptor {
  // The command line has the controllers of the libs but serves no requests.
  constructor(@Optional() private readonly turns?: RequestTurns) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const owner = userOf(request) ?? request.ip;
    const end = await this.turns!.take('costly', owner, http.getResponse<FastifyReply>());
    return next.handle().pipe(finalize(end));
  }
}
