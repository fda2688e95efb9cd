import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Counter } from 'prom-client';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { DomainError } from '#errors';
import { fingerprintOf } from './fingerprint.js';
import { keyMalformed } from './idempotency.errors.js';
import { isIdempotencyKey } from './idempotency-key.js';
import type { KeyedRequest } from './idempotency-keys.repository.js';
import { REQUESTS } from './idempotency.metrics.js';
import { IdempotencyService } from './idempotency.service.js';
import { RequestOwner } from './request-owner.js';

/** Metadata key of the options that `@Idempotent()` sets. */
export const IDEMPOTENT = 'idempotency:options';

export interface IdempotentOptions {
  /**
   * Fields of the body or of the answer, at any depth, that are secrets. They are no part of the fingerprint, so the same key
   * with another password is the same request, and they are never stored, so an answer with one cannot be replayed.
   */
  secrets?: readonly string[];
}

const REPLAYED = 'Idempotency-Replayed';

/** Runs an `@Idempotent()` handler under the key of its request. It runs after the guards, so only an allowed caller gets a replay. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly owner: RequestOwner,
    private readonly reflector: Reflector,
    @InjectMetric(REQUESTS) private readonly requests: Counter<'outcome'>,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return next.handle();
    if (!isIdempotencyKey(key)) {
      this.requests.inc({ outcome: 'malformed' });
      throw keyMalformed(key);
    }
    const { secrets = [] } = this.reflector.get<IdempotentOptions>(IDEMPOTENT, context.getHandler());
    const reply = http.getResponse<FastifyReply>();
    const handled = async () => ({
      body: await lastValueFrom(next.handle(), { defaultValue: undefined }),
      status: reply.statusCode,
    });
    try {
      const { answer, replayed } = await this.idempotency.once(
        await this.keyed(request, key, secrets),
        handled,
        secrets,
      );
      if (replayed) void reply.status(answer.status).header(REPLAYED, 'true');
      return of(answer.body);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'IDEMPOTENCY_ANSWER_NOT_KEPT')
        void reply.header(REPLAYED, 'true');
      throw error;
    }
  }

  private async keyed(request: FastifyRequest, key: string, secrets: readonly string[]): Promise<KeyedRequest> {
    const ownerId = this.owner.ownerOf(request);
    if (ownerId === undefined)
      throw new Error('@Idempotent() needs a principal, so it cannot be on a @Public() route.');
    const { body, method, url } = request;
    // Hashing a stream would consume it.
    if (typeof (body as { pipe?: unknown } | undefined)?.pipe === 'function')
      throw new Error('@Idempotent() cannot be on a route that streams its body.');
    return {
      ownerId,
      key,
      operation: `${method} ${url.split('?', 1)[0]}`,
      fingerprint: await fingerprintOf(`${method} ${url}`, body, secrets),
    };
  }
}
