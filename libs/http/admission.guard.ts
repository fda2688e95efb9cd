import type { CanActivate, ExecutionContext, Type } from '@nestjs/common';
import { PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import { ModulesContainer } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/internal';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable } from 'rxjs';
import { requestError } from '#errors';
import { invalidRequest } from './invalid-request.js';
import { routeConfig, type RouteTarget } from './route.decorators.js';

type Verdict = boolean | Promise<boolean> | Observable<boolean>;
const ADMITTED = Symbol('deskwire:admitted');
type Incoming = FastifyRequest & { [ADMITTED]?: true };

/**
 * Runs all global guards once per request: before its body is read, or in Nest's own order for requests without a body.
 * While guards ran after the parser, an anonymous client that sent 25 JSON bodies of 1 MB per second raised the
 * dashboard's p50 from 4 to 1,489 ms.
 */
export class AdmissionGuard implements CanActivate {
  /**
   * @param guards in the order in which Nest would call them
   * @param onAdmitted called when the caller of a request is known
   */
  constructor(
    private readonly guards: readonly CanActivate[],
    private readonly onAdmitted: (request: FastifyRequest) => void,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return this.#ask(context, 0);
    const request = context.switchToHttp().getRequest<Incoming>();
    if (request[ADMITTED]) return true;
    const verdict = this.#ask(context, 0);
    return typeof verdict === 'boolean'
      ? this.#admitted(request, verdict)
      : verdict.then((allowed) => this.#admitted(request, allowed));
  }

  #admitted(request: Incoming, allowed: boolean): boolean {
    if (!allowed) return false;
    request[ADMITTED] = true;
    this.onAdmitted(request);
    refuseUnknownQuery(request);
    return true;
  }

  /** Without a promise as long as no guard returns one: most callers are known. */
  #ask(context: ExecutionContext, from: number): boolean | Promise<boolean> {
    for (let at = from; at < this.guards.length; at++) {
      const verdict: Verdict = this.guards[at]!.canActivate(context);
      if (verdict === false) return false;
      if (verdict === true) continue;
      const answer = 'then' in verdict ? verdict : lastValueFrom(verdict);
      return answer.then((allowed) => allowed && this.#ask(context, at + 1));
    }
    return true;
  }
}

/** Runs the guard before the body of a request is read. A body that no route takes is not read at all. */
export function admitBeforeBodies(fastify: FastifyInstance, guard: AdmissionGuard): void {
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    const { headers } = request.raw;
    // RFC 9112 section 6.3: a request with neither header has no body.
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
      return done(null, payload);
    if (request.is404) return done(requestError('ROUTE_NOT_FOUND', `Cannot ${request.method} ${pathOf(request)}`));
    const { target, upload } = request.routeOptions.config;
    if (target === undefined) return done(null, payload);
    const proceed = (allowed: boolean): void => {
      const encoding = headers['content-encoding'];
      if (!allowed) done(requestError('REQUEST_REFUSED'));
      else if (!upload && encoding !== undefined && encoding.toLowerCase() !== 'identity') {
        void reply.header('Accept-Encoding', 'identity');
        done(
          requestError('REQUEST_MEDIA_TYPE', `Send the body without Content-Encoding; received ${shown(encoding)}.`),
        );
      } else done(null, payload);
    };
    try {
      const verdict = guard.canActivate(
        new ExecutionContextHost([request, reply], target.controller as Type, target.handler as () => unknown),
      );
      if (typeof verdict === 'boolean') proceed(verdict);
      else verdict.then(proceed, done);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Tells Fastify of each route which controller and handler it has, and whether that reads the query. Call before `app.init()`. */
export function nameRouteTargets(app: NestFastifyApplication): void {
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, object>;
      for (const name of Object.getOwnPropertyNames(prototype)) {
        const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
        const handler: unknown = descriptor.value;
        if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) continue;
        const target: RouteTarget = { controller, handler, readsQuery: readsQuery(controller, name, handler) };
        routeConfig({ target })(prototype, name, descriptor);
      }
    }
  }
}

/** The number that Nest gives to `@Query()` in the metadata of parameters (RouteParamtypes.QUERY). */
const QUERY_PARAMETER = /^4:/;

/**
 * Checked by a `@Query()` parameter, or here where `@ApiQuery()` documents the parameters. Pages, which no document
 * lists, accept any.
 */
function readsQuery(controller: Type, name: string, handler: object): boolean {
  const parameters = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) as object | undefined;
  const documented = Reflect.getMetadata('swagger/apiParameters', handler) as { in?: string }[] | undefined;
  return (
    Object.keys(parameters ?? {}).some((key) => QUERY_PARAMETER.test(key)) ||
    documented?.some((parameter) => parameter.in === 'query') === true ||
    Reflect.hasMetadata('swagger/apiExcludeController', controller)
  );
}

/** A route that reads no query accepts none: a misspelled or misplaced parameter must not be ignored. */
function refuseUnknownQuery(request: FastifyRequest): void {
  const { target } = request.routeOptions.config;
  if (target === undefined || target.readsQuery || !request.url.includes('?')) return;
  const names = Object.keys(request.query as object);
  if (names.length > 0)
    throw invalidRequest(
      names.slice(0, 20).map((name) => ({ field: shown(name), allowed: 'no such query parameter' })),
    );
}

function pathOf(request: FastifyRequest): string {
  return shown(request.url.split('?', 1)[0]!);
}

function shown(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
