import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { PrometheusController } from '@willsoto/nestjs-prometheus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { register } from 'prom-client';
import { Public } from '#auth';
import { defineErrors } from '#errors';
import { Fails } from '#http';
import { telemetryConfig, type TelemetryConfig } from '#telemetry';
import { RateClass, RequestTurns } from '#throttling';

const metricsError = defineErrors({
  TELEMETRY_UNAUTHENTICATED: {
    kind: 'unauthenticated',
    meaning: 'The metrics require `METRICS_TOKEN`.',
    fix: 'Send `Authorization: Bearer <METRICS_TOKEN>`.',
  },
});

const digest = (value: string) => createHash('sha256').update(value).digest();

/** Metrics in Prometheus' text format. Requires METRICS_TOKEN as a bearer token when it is set. */
@ApiTags('health')
@Public()
@RateClass('none')
@Controller('metrics')
export class MetricsController extends PrometheusController {
  #rendering: Promise<string> | undefined;

  constructor(
    private readonly turns: RequestTurns,
    @Inject(telemetryConfig.token) private readonly config: TelemetryConfig,
  ) {
    super();
  }

  @Get()
  @Fails('TELEMETRY_UNAUTHENTICATED', 'THROTTLING_AT_ONCE')
  @ApiOperation({
    operationId: 'getMetrics',
    summary: 'Get the metrics in the Prometheus text format',
    description: 'If METRICS_TOKEN is set, it is required as a bearer token.',
  })
  @ApiResponse({ status: 200, content: { 'text/plain': { schema: { type: 'string' } } } })
  override async index(
    @Res({ passthrough: true }) response: FastifyReply,
    @Req() request?: FastifyRequest,
  ): Promise<string> {
    const token = this.config.metricsToken?.reveal();
    if (token && !timingSafeEqual(digest(request?.headers.authorization ?? ''), digest(`Bearer ${token}`))) {
      throw metricsError('TELEMETRY_UNAUTHENTICATED');
    }
    if (request !== undefined) await this.turns.hold('scrape', request.ip, request, response);
    // Scrapes at the same time share one answer: making it takes the event loop for several milliseconds.
    void response.header('Content-Type', register.contentType);
    return (this.#rendering ??= register.metrics().finally(() => (this.#rendering = undefined)));
  }
}
