import { Global, Module } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { QuotaLocksRepository } from './quota-locks.repository.js';
import { Quotas, QUOTA_REFUSALS } from './quotas.js';

/** Limits of what one owner can add. Global, because most libs have one. */
@Global()
@Module({
  providers: [
    Quotas,
    QuotaLocksRepository,
    makeCounterProvider({ name: QUOTA_REFUSALS, help: 'Requests refused by a quota', labelNames: ['quota'] }),
  ],
  exports: [Quotas],
})
export class QuotasModule {}
