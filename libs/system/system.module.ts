import { Global, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { JobsModule } from '#jobs';
import { ResilienceModule } from '#resilience';
import { ThrottlingModule } from '#throttling';
import { CachesController } from './caches.controller.js';
import { FoundationHealth } from './foundation-health.js';
import { HealthController } from './health.controller.js';
import { HealthRegistry } from './health-registry.js';
import { LimitsController } from './limits.controller.js';
import { MetricsController } from './metrics.controller.js';
import { collectNodeMetrics } from './node.metrics.js';
import { ServerStatisticsRepository, serverStatisticsMetrics } from './server-statistics.repository.js';
import { SystemController } from './system.controller.js';

/** Global, so that each lib above can register its health check. */
@Global()
@Module({
  imports: [
    JobsModule,
    PrometheusModule.register({ controller: MetricsController, defaultMetrics: { enabled: false } }),
    ResilienceModule,
    ThrottlingModule,
  ],
  controllers: [CachesController, HealthController, LimitsController, SystemController],
  providers: [...serverStatisticsMetrics, FoundationHealth, HealthRegistry, ServerStatisticsRepository],
  exports: [HealthRegistry],
})
export class SystemModule {
  constructor() {
    collectNodeMetrics();
  }
}
