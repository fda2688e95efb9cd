import compress from '@fastify/compress';
import helmet from '@fastify/helmet';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemFilter } from '#errors';
import { RealtimeAdapter } from '#realtime';
import { HttpTelemetry } from '#telemetry';
import { apiConfig, type ApiConfig } from './api.config.js';
import { serveDocuments } from './documents.js';
import { addJsonParser } from './json-body.js';
import { addUploadStream } from './upload-stream.js';
import { ValidationPipe } from './validation.pipe.js';

/** A JWT of 100 KB must get its 401 and not a bare 431. */
const MAX_HEADER_BYTES = 160 * 1024;

/** `connectionsCheckingInterval` is the one that ends a slowloris: with headersTimeout alone it lives 30 s, with both 6 s. */
export function createAdapter(config: Pick<ApiConfig, 'trustProxy'>): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: 1024 * 1024,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 5_000, connectionsCheckingInterval: 1_000, requestTimeout: 0 },
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
  } as never);
}

/** What every request passes; main and the tests both use it. Call before `app.init()`. */
export async function configureApp(app: NestFastifyApplication): Promise<void> {
  const config = app.get<ApiConfig>(apiConfig.token);
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  app.get(HttpTelemetry).attach(fastify);
  fastify.addHook('onRoute', (route) => {
    const limit = (route.config as { bodyLimit?: number } | undefined)?.bodyLimit;
    if (limit !== undefined) route.bodyLimit = limit;
  });
  addJsonParser(fastify);
  addUploadStream(fastify);
  // Only what is worth it: a compressed cut of 2 KB costs more than it saves on a desk's network.
  await app.register(compress as never, { threshold: 16_384, encodings: ['gzip'] });
  await app.register(helmet as never, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'unsafe-inline'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        objectSrc: ["'none'"],
      },
    },
    strictTransportSecurity: config.nodeEnv === 'production',
  });
  app.enableCors({
    origin: config.corsOrigins.length > 0 ? [...config.corsOrigins] : false,
    exposedHeaders: ['X-Correlation-Id', 'ETag', 'RateLimit', 'RateLimit-Policy', 'Retry-After'],
    maxAge: 600,
  });
  const filter = app.get(ProblemFilter);
  app.useGlobalFilters(filter);
  app.useGlobalPipes(new ValidationPipe());
  app.useWebSocketAdapter(new RealtimeAdapter(app));
  fastify.setErrorHandler((error, request: FastifyRequest, reply: FastifyReply) => filter.answer(error, request, reply));
  serveDocuments(app, config);
}
