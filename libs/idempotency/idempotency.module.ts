import { type DynamicModule, Module } from '@nestjs/common';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import { idempotencyMetrics } from './idempotency.metrics.js';
import { IdempotencyService } from './idempotency.service.js';
import { KeyShares } from './key-shares.js';
import { RequestOwner } from './request-owner.js';

/** Requests with an Idempotency-Key. Global, so that `@Idempotent()` works in every controller. */
@Module({})
export class IdempotencyModule {
  /** @param owner finds the owner of a request's keys */
  static forRoot(owner: RequestOwner): DynamicModule {
    return {
      module: IdempotencyModule,
      global: true,
      providers: [
        ...idempotencyMetrics,
        { provide: RequestOwner, useValue: owner },
        IdempotencyKeysRepository,
        IdempotencyService,
        KeyShares,
      ],
      exports: [...idempotencyMetrics, RequestOwner, IdempotencyService],
    };
  }
}
