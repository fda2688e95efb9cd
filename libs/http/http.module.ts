import { Global, Module } from '@nestjs/common';
import { HttpTelemetry, httpMetrics } from './http-telemetry.js';
import { HttpTraffic } from './http-traffic.js';
import { ProblemFilter } from './problem.filter.js';

/** What `setUpHttp` takes from the container. */
@Global()
@Module({
  providers: [...httpMetrics, HttpTelemetry, HttpTraffic, ProblemFilter],
  exports: [HttpTelemetry, HttpTraffic, ProblemFilter],
})
export class HttpModule {}
