import { Global, Module } from '@nestjs/common';
import { Breakers } from './breakers.js';
import { ChannelTimeouts } from './channel-timeouts.js';
import { DependencySeries } from './dependency-series.js';
import { Policies } from './policies.js';
import { resilienceMetrics } from './resilience.metrics.js';

/** Provides one policy for each dependency of the desk. */
@Global()
@Module({
  providers: [...resilienceMetrics, Breakers, ChannelTimeouts, DependencySeries, Policies],
  exports: [Breakers, ChannelTimeouts, Policies],
})
export class ResilienceModule {}
