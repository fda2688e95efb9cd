import { Global, Module } from '@nestjs/common';
import { declareMetrics } from '#metrics';
import { QuotaLocksRepository } from './quota-locks.repository.js';
import { Quotas, QUOTA_REFUSALS } from './quotas.js';

/** Limits of what one owner can add. Global, because most libs have one. */
@Global()
@Module({
  providers: [
    Quotas,
    QuotaLocksRepository,
    ...declareMetrics('quotas', {
      [QUOTA_REFUSALS]: {
        type: 'counter',
        help: 'Requests refused by a quota',
        labels: { quota: 'the quotas that the code declares' },
      },
    }),
  ],
  exports: [Quotas],
})
export class QuotasModule {}
