import { Global, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { ClsModule } from 'nestjs-cls';
import { HealthController } from './health.controller.js';
import { HealthRegistry } from './health-registry.js';
import { MetricsController } from './metrics.controller.js';
import { Readiness } from './readiness.js';
import { ShutdownSequence } from './shutdown-sequence.js';
import { StartupView } from './startup-view.js';

const offered = [HealthRegistry, Readiness, ShutdownSequence, StartupView];

@Global()
@Module({
  // Not forRoot(): it adds a guard and an interceptor to every route though neither is mounted, 6 % of a small request.
  imports: [ClsModule, PrometheusModule.register({ controller: MetricsController })],
  controllers: [HealthController],
  providers: offered,
  exports: [ClsModule, ...offered],
})
export class TelemetryModule {}
