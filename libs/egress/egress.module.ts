import { Global, Module } from '@nestjs/common';
import { Egress } from './egress.js';
import { egressMetrics } from './egress.metrics.js';
import { EgressPools } from './egress-pools.js';
import { HostPace } from './host-pace.js';
import { HostResolver } from './host-resolver.js';
import { HostTurnsRepository } from './host-turns.repository.js';

/** Guarded HTTP requests to other hosts. */
@Global()
@Module({
  providers: [...egressMetrics, Egress, EgressPools, HostPace, HostResolver, HostTurnsRepository],
  exports: [Egress, HostPace],
})
export class EgressModule {}
