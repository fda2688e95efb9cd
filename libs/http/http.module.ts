import { Global, Module } from '@nestjs/common';
import { connectionMetrics, HttpConnections } from './connections/http-connections.js';
import { HttpTelemetry, httpMetrics } from './http-telemetry.js';
import { HttpTraffic } from './http-traffic.js';
import { ProblemFilter } from './problem.filter.js';

/** What `setUpHttp` takes from the container. */
@Global()
@Module({
  providers: [...httpMetrics, ...connectionMetrics, HttpConnections, HttpTelemetry, HttpTraffic, ProblemFilter],
  exports: [HttpConnections, HttpTelemetry, HttpTraffic, ProblemFilter],
})
export class HttpModule {}
