import { Global, Module } from '@nestjs/common';
import { Breakers } from './breakers.js';
import { Policies } from './policies.js';
import { resilienceMetrics } from './resilience.metrics.js';

/** One policy for each thing the desk depends on. */
@Global()
@Module({
  providers: [...resilienceMetrics, Breakers, Policies],
  exports: [Breakers, Policies],
})
export class ResilienceModule {}
