import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ClsStore, ClsService } from 'nestjs-cls';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { declareMetrics } from '#metrics';
import {
  correlatedStore,
  correlationIdOf,
  quickLogger,
  ShutdownSequence,
  telemetryConfig,
  type TelemetryConfig,
} from '#telemetry';
import { HttpTraffic } from './http-traffic.js';

const labels = { method: 'the methods of HTTP', route: 'the templates of routes' };
const CLASSES = ['read', 'write', 'probe'] as const;

export const httpMetrics = declareMetrics('http', {
  http_requests_total: {
    type: 'counter',
    help: 'HTTP requests by route template',
    labels: { ...labels, status: 'the statuses that the desk answers' },
  },
  http_route_seconds_total: {
    type: 'counter',
    help: 'Time spent on HTTP requests by route template. Divided by http_requests_total it is the mean duration',
    labels: { route: labels.route },
  },
  // Without the route: its buckets would be most series of the process.
  http_request_duration_seconds: {
    type: 'histogram',
    help: 'Duration of HTTP requests by class: reads (GET and HEAD), writes, and probes (/metrics and /health)',
    labels: { class: CLASSES },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  http_requests_in_flight: { type: 'gauge', help: 'HTTP requests being answered' },
});

interface RequestSeries {
  count: Counter.Internal;
  seconds: Counter.Internal;
  duration: Histogram.Internal<string>;
}

const STORE = Symbol('deskwire:store');
type Correlated = FastifyRequest & { [STORE]?: ClsStore; correlationId?: string };

/** Gives every request a context with its correlation id, metrics by route template, and one log line. */
@Injectable()
export class HttpTelemetry {
  private readonly series = new Map<string, RequestSeries>();

  constructor(
    private readonly cls: ClsService,
    private readonly shutdown: ShutdownSequence,
    private readonly traffic: HttpTraffic,
    @Inject(telemetryConfig.token) private readonly config: TelemetryConfig,
    @InjectMetric('http_requests_total') private readonly requests: Counter,
    @InjectMetric('http_route_seconds_total') private readonly seconds: Counter,
    @InjectMetric('http_request_duration_seconds') private readonly duration: Histogram,
    @InjectMetric('http_requests_in_flight') inFlight: Gauge,
  ) {
    Object.assign(inFlight, { collect: () => inFlight.set(traffic.inFlight) });
  }

  attach(fastify: FastifyInstance): void {
    this.traffic.watch(fastify.server);
    fastify.addHook('onRequest', (request: Correlated, reply, done) => {
      this.traffic.begin(reply.raw);
      const id = correlationIdOf(request.headers);
      request.correlationId = id;
      reply.header('X-Correlation-Id', id);
      this.cls.runWith((request[STORE] = correlatedStore(id, request.ip, request.headers['cache-control'])), done);
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
      const { count, seconds, duration } = this.of(request.method, route, reply.statusCode);
      const elapsed = reply.elapsedTime / 1000;
      count.inc();
      seconds.inc(elapsed);
      duration.observe(elapsed);
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
        seconds: this.seconds.labels(route),
        duration: this.duration.labels(classOf(method, route)),
      };
      this.series.set(key, series);
    }
    return series;
  }
}

function classOf(method: string, route: string): (typeof CLASSES)[number] {
  if (/^\/(metrics|health)(\/|$)/.test(route)) return 'probe';
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}
