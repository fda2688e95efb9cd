import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor, Optional } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { LoginRates } from './login-rates.js';
import { RATE_CLASS, type RoutePolicy } from './route-policy.js';

/** Counts a sign-in for the account that its body names. The guard counts its address, before the body is read. */
@Injectable()
export class AccountRateInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    // The command line has the controllers of the libs but serves no requests.
    @Optional() private readonly rates?: LoginRates,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { account } = this.reflector.get<RoutePolicy>(RATE_CLASS, context.getHandler());
    const named = fieldOf(request.body, account!);
    if (named !== undefined) await this.rates!.admitAccount(request, http.getResponse<FastifyReply>(), named);
    return next.handle();
  }
}

/** The value of a field of an unchecked body, in the spelling that accounts are compared by. */
function fieldOf(body: unknown, field: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value = (body as Record<string, unknown>)[field];
  return typeof value === 'string' ? value.normalize('NFKC').trim().toLowerCase() : undefined;
}
