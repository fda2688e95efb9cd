import compress from '@fastify/compress';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Authenticator } from '#auth';
import { ProblemFilter } from '#errors';
import { DeskRole } from '#jobs';
import { RealtimeAdapter } from '#realtime';
import { HttpTelemetry } from '#telemetry';
import { apiConfig, type ApiConfig } from './api.config.js';
import { serveDocuments } from './documents.js';
import { addJsonParser } from './json-body.js';
import { admitLargeBodies } from './large-bodies.js';
import { answerClientError, answerRouterError } from './raw-problems.js';
import { refuseWrongMethods } from './refuse-methods.js';
import { removePassThroughs } from './pass-throughs.js';
import { setSecurityHeaders } from './security-headers.js';
import { endSlowBodies } from './slow-bodies.js';
import { addUploadStream, isUpload } from './upload-stream.js';
import { ValidationPipe } from './validation.pipe.js';
import { serveProbesOnly } from './worker-door.js';

/** A JWT of 100 KB must get its 401 and not a bare 431. */
const MAX_HEADER_BYTES = 160 * 1024;

const MAX_BODY_BYTES = 1024 * 1024;

/** The last resort: the longest that an upload may take. Parsed bodies have 15 s (slow-bodies.ts). */
const REQUEST_TIMEOUT_MS = 600_000;

/** `connectionsCheckingInterval` is the one that ends a slowloris: with headersTimeout alone it lives 30 s, with both 6 s. */
export function createAdapter(config: Pick<ApiConfig, 'trustProxy'>): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    allowErrorHandlerOverride: false, // the one filter answers; a second handler would replace it with a mere warning (FSTWRN004)
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerRouterError,
  } as never);
}

/** What every request passes; main and the tests both use it. Call before `app.init()`. */
export async function configureApp(app: NestFastifyApplication): Promise<void> {
  const config = app.get<ApiConfig>(apiConfig.token);
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  app.get(HttpTelemetry).attach(fastify);
  setSecurityHeaders(fastify, config.nodeEnv === 'production');
  const { web } = app.get(DeskRole);
  if (!web) serveProbesOnly(fastify);
  refuseWrongMethods(fastify);
  admitLargeBodies(fastify, () => app.get(Authenticator, { strict: false }), MAX_BODY_BYTES);
  endSlowBodies(fastify, isUpload);
  addJsonParser(fastify);
  addUploadStream(fastify);
  // Only what is worth it: a compressed cut of 2 KB costs more than it saves on a desk's network.
  await app.register(compress as never, { threshold: 16_384, encodings: ['gzip'], globalDecompression: false });
  if (config.corsOrigins.length > 0) {
    app.enableCors({
      origin: [...config.corsOrigins],
      exposedHeaders: [
        'X-Correlation-Id',
        'ETag',
        'Idempotency-Replayed',
        'RateLimit',
        'RateLimit-Policy',
        'Retry-After',
      ],
      maxAge: 600,
    });
  }
  app.useGlobalFilters(app.get(ProblemFilter));
  removePassThroughs(app);
  app.useGlobalPipes(new ValidationPipe());
  app.useWebSocketAdapter(new RealtimeAdapter(app, { trustProxy: config.trustProxy, closed: !web }));
  serveDocuments(app, config);
}
