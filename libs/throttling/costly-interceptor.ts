import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalize, type Observable } from 'rxjs';
import { CostlyRequests } from './costly-requests.js';
import { userOf } from './route-policy.js';

/** Runs the handler of a `@Costly()` route when it is its principal's turn. Keeps the place until the handler ends, even if the client left. */
@Injectable()
export class CostlyInterceptor implements NestInterceptor {
  // The command line has the controllers of the libs but serves no requests.
  constructor(@Optional() private readonly requests?: CostlyRequests) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const gone = new AbortController();
    http.getResponse<FastifyReply>().raw.once('close', () => gone.abort());
    const end = await this.requests!.take(userOf(request) ?? request.ip, gone.signal);
    return next.handle().pipe(finalize(end));
  }
}
