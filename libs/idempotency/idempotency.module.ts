import { type DynamicModule, Module } from '@nestjs/common';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import { idempotencyMetrics } from './idempotency.metrics.js';
import { IdempotencyService } from './idempotency.service.js';
import { KeyShares } from './key-shares.js';
import { RequestOwner } from './request-owner.js';

/** Requests under an Idempotency-Key. Global, so that `@Idempotent()` is one line at any controller. */
@Module({})
export class IdempotencyModule {
  /** @param owner whose the keys of a request are; this lib knows no principals */
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
