import type { IncomingMessage } from 'node:http';
import compress from '@fastify/compress';
import type { CanActivate, NestInterceptor } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { admitBeforeBodies, AdmissionGuard, nameRouteTargets } from './admission.guard.js';
import { removeBasePath, withoutBase } from './base-path.js';
import { addJsonParser } from './bodies/json-body.js';
import { readLists } from './bodies/list-body.js';
import { endSlowBodies } from './bodies/slow-bodies.js';
import { streamUploads } from './bodies/uploads.js';
import { bareForwardedFor } from './connections/client-addresses.js';
import { HttpConnections, isRefused } from './connections/http-connections.js';
import { hasTwoHosts, refuseTwoHosts } from './methods/host-header.js';
import { locateCreated } from './creates.decorator.js';
import { HttpTelemetry } from './http-telemetry.js';
import { exportLists, rememberCaller } from './lists/csv-lists.js';
import { allowOrigins } from './methods/cors.js';
import { MethodTable, refuseWrongMethods } from './methods/method-table.js';
import { serveProbesOnly } from './probes-only.js';
import { ProblemFilter } from './problem.filter.js';
import { answerClientError, answerRouterError } from './raw-problems.js';
import { type Pages, setDefaultHeaders } from './default-headers.js';
import { ValidationPipe } from './validation.pipe.js';

/** A JWT of 100 KB gets a 401 with a problem document, not a bare 431. */
const MAX_HEADER_BYTES = 160 * 1024;

const MAX_BODY_BYTES = 1024 * 1024;

/** Last resort: the maximum duration of an upload. Parsed bodies have 15 s. */
const REQUEST_TIMEOUT_MS = 600_000;

const SLOW_BODY_LIMITS = { wholeMs: 15_000, stillMs: 30_000 };

export interface HttpOptions {
  production: boolean;
  /** Path under which clients reach this server, e.g. `/desk`, or nothing. */
  basePath: string;
  /** Origins that browsers may call from. */
  corsOrigins: readonly string[];
  /** Addresses or networks of proxies whose X-Forwarded-For is trusted. */
  trustProxy: readonly string[];
  /** The user of a request that has passed the guards. */
  userOf(request: FastifyRequest): string | undefined;
  /** Checks the caller of a long answer again. @throws Error if its login or API key has ended, or its roles have changed */
  checkAgain(request: FastifyRequest): Promise<void>;
  /** Answer health probes and metrics only. */
  probesOnly: boolean;
  pages: Pages;
}

/**
 * `connectionsCheckingInterval` ends slow-header attacks: with headersTimeout alone they last 30 s, with both 6 s.
 * @param trustProxy addresses or networks of proxies whose X-Forwarded-For is trusted
 * @param basePath path under which clients reach this server, e.g. `/desk`, or nothing
 */
export function createHttpAdapter(trustProxy: readonly string[], basePath = ''): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      shouldUpgradeCallback: (request: IncomingMessage) => isSocketUpgrade(request, basePath),
    },
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    allowErrorHandlerOverride: false, // a second error handler would replace ours with a mere warning (FSTWRN004)
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerRouterError,
  } as never);
}

/**
 * Whether a request becomes a socket. Any other offer, such as `Upgrade: h2c` of Java's HttpClient and `curl --http2`,
 * is ignored and the request answered (RFC 9110 section 7.8).
 */
function isSocketUpgrade(request: IncomingMessage, basePath: string): boolean {
  const { headers, rawHeaders, socket, url = '/' } = request;
  return (
    headers.upgrade?.toLowerCase() === 'websocket' &&
    withoutBase(url, basePath).startsWith('/socket.io/') &&
    !isRefused(socket) &&
    !hasTwoHosts(rawHeaders)
  );
}

/** Registers what every request passes, in this order. Call before `app.init()`. */
export async function setUpHttp(app: NestFastifyApplication, options: HttpOptions): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  removeBasePath(fastify, options.basePath);
  const methods = MethodTable.of(fastify);
  app.get(HttpTelemetry).attach(fastify);
  const connections = app.get(HttpConnections);
  refuseTwoHosts(fastify);
  if (options.trustProxy.length > 0) bareForwardedFor(fastify);
  connections.attach(fastify, options.trustProxy, options.probesOnly);
  setDefaultHeaders(fastify, options.pages, options.production);
  if (options.probesOnly) serveProbesOnly(fastify);
  refuseWrongMethods(fastify, methods);
  limitBodies(fastify);
  endSlowBodies(fastify, SLOW_BODY_LIMITS);
  removePassThroughs(app);
  exportLists(app);
  nameRouteTargets(app);
  admitBeforeBodies(
    fastify,
    standForGuards(app, (request) => {
      const userId = options.userOf(request);
      connections.admitted(request, userId);
      rememberCaller({ userId, checkAgain: () => options.checkAgain(request) });
    }),
  );
  addJsonParser(fastify);
  readLists(fastify);
  streamUploads(fastify);
  locateCreated(fastify, options.basePath);
  // Short answers stay plain: compressing a cut of 2 KB costs more CPU time than it saves on a desk's network.
  await app.register(compress as never, { threshold: 16_384, encodings: ['gzip'], globalDecompression: false });
  allowOrigins(app, options.corsOrigins, methods);
  app.useGlobalFilters(app.get(ProblemFilter));
  app.useGlobalPipes(new ValidationPipe());
}

/** Applies `@BodyLimit()`. */
function limitBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const limit = route.config?.bodyLimit;
    if (limit !== undefined) route.bodyLimit = limit;
  });
}

interface Enhancers {
  config: { getGlobalInterceptors(): NestInterceptor[]; getGlobalGuards(): CanActivate[] };
}

/**
 * Removes the global guard and the global interceptor of nestjs-cls, which do nothing unless mounted. An interceptor sends
 * every request through RxJS, which was 40 % of the CPU time of a dashboard request and six times its garbage.
 */
function removePassThroughs(app: NestFastifyApplication): void {
  const { config } = app as unknown as Enhancers;
  for (const enhancers of [config.getGlobalInterceptors(), config.getGlobalGuards()] as object[][]) {
    // These two are object literals; every other enhancer is an instance of a class.
    for (let at = enhancers.length - 1; at >= 0; at--)
      if (enhancers[at]!.constructor === Object) enhancers.splice(at, 1);
  }
}

/** Puts one guard in the place of all global guards, so that a request passes them once, before its body. */
function standForGuards(app: NestFastifyApplication, onAdmitted: (request: FastifyRequest) => void): AdmissionGuard {
  const guards = (app as unknown as Enhancers).config.getGlobalGuards();
  const admission = new AdmissionGuard(guards.splice(0), onAdmitted);
  guards.push(admission);
  return admission;
}
