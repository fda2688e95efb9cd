import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { PrometheusController } from '@willsoto/nestjs-prometheus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
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

/** Pause after an answer, in times of what it took. */
const REST = 4;
/** Maximum pause, in ms. */
const MAX_REST_MS = 1_000;

const digest = (value: string) => createHash('sha256').update(value).digest();

/** Metrics in Prometheus' text format. Requires METRICS_TOKEN as a bearer token when it is set. */
@ApiTags('health')
@Public()
@RateClass('none')
@Controller('metrics')
export class MetricsController extends PrometheusController {
  #rendering: Promise<string> | undefined;
  #restUntil = 0;

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
    return (this.#rendering ??= this.#render().finally(() => (this.#rendering = undefined)));
  }

  /** Anybody may scrape in a loop, so answers take a fifth of the event loop at most. A scrape after a pause does not wait. */
  async #render(): Promise<string> {
    await pause(Math.max(0, this.#restUntil - performance.now()));
    const began = performance.now();
    const text = await register.metrics();
    const ended = performance.now();
    this.#restUntil = ended + Math.min(REST * (ended - began), MAX_REST_MS);
    return text;
  }
}
