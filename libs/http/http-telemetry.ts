import { Inject, Injectable } from '@nestjs/common';
import {
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ClsStore, ClsService } from 'nestjs-cls';
import type { Counter, Gauge, Histogram } from 'prom-client';
import {
  correlatedStore,
  correlationIdOf,
  quickLogger,
  ShutdownSequence,
  telemetryConfig,
  type TelemetryConfig,
} from '#telemetry';
import { HttpTraffic } from './http-traffic.js';

export const httpMetrics = [
  makeCounterProvider({
    name: 'http_requests_total',
    help: 'HTTP requests by route template',
    labelNames: ['method', 'route', 'status'],
  }),
  makeHistogramProvider({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests by route template',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  }),
  makeGaugeProvider({
    name: 'http_requests_in_flight',
    help: 'HTTP requests being answered',
    inject: [HttpTraffic],
    collect(this: Gauge, traffic: HttpTraffic) {
      this.set(traffic.inFlight);
    },
  }),
];

const STORE = Symbol('deskwire:store');
type Correlated = FastifyRequest & { [STORE]?: ClsStore; correlationId?: string };

/** Gives every request a context with its correlation id, metrics by route template, and one log line. */
@Injectable()
export class HttpTelemetry {
  private readonly series = new Map<string, { count: Counter.Internal; seconds: Histogram.Internal<string> }>();

  constructor(
    private readonly cls: ClsService,
    private readonly shutdown: ShutdownSequence,
    private readonly traffic: HttpTraffic,
    @Inject(telemetryConfig.token) private readonly config: TelemetryConfig,
    @InjectMetric('http_requests_total') private readonly requests: Counter,
    @InjectMetric('http_request_duration_seconds') private readonly duration: Histogram,
  ) {}

  attach(fastify: FastifyInstance): void {
    this.traffic.watch(fastify.server);
    fastify.addHook('onRequest', (request: Correlated, reply, done) => {
      this.traffic.begin(reply.raw);
      const id = correlationIdOf(request.headers);
      request.correlationId = id;
      reply.header('X-Correlation-Id', id);
      this.cls.runWith((request[STORE] = correlatedStore(id, request.ip)), done);
    });
    // Reading a body, even an empty one, leaves the async context of onRequest, so it is entered again before the handler.
    fastify.addHook('preValidation', (request: Correlated, _reply, done) => {
      if (request.method === 'GET' || request.method === 'HEAD') done();
      else this.cls.runWith(request[STORE]!, done);
    });
    fastify.addHook('onSend', (_request, reply, payload, done) => {
      if (this.shutdown.isDraining) reply.header('Connection', 'close');
      done(null, payload);
    });
    fastify.addHook('onResponse', (request: Correlated, reply, done) => {
      const route = request.routeOptions.url ?? 'unknown';
      const { count, seconds } = this.of(request.method, route, reply.statusCode);
      count.inc();
      seconds.observe(reply.elapsedTime / 1000);
      if (this.config.logRequests) {
        // Without path and query, because clients put tokens there. The context has ended, so the correlation id is passed.
        quickLogger()?.info(
          {
            context: 'HTTP',
            method: request.method,
            route,
            status: reply.statusCode,
            ms: Math.round(reply.elapsedTime * 10) / 10,
            correlationId: request.correlationId,
          },
          'request',
        );
      }
      done();
    });
  }

  /** Keeps the labelled children, because looking labels up costs more than counting. Bounded by routes x methods x statuses. */
  private of(method: string, route: string, status: number) {
    const key = `${method} ${route} ${status}`;
    let series = this.series.get(key);
    if (!series) {
      series = {
        count: this.requests.labels(method, route, String(status)),
        seconds: this.duration.labels(method, route),
      };
      this.series.set(key, series);
    }
    return series;
  }
}
