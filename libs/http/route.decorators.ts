import { RouteConfig } from '@nestjs/platform-fastify';

/** The handler of a route, as guards know it. */
export interface RouteTarget {
  readonly controller: object;
  readonly handler: object;
  /** Whether the handler takes query parameters. */
  readonly readsQuery: boolean;
}

/**
 * Route settings that the hooks of this lib read: set by decorators, stored by Fastify in
 * `request.routeOptions.config`.
 */
export interface RouteFacts {
  /** Largest body in bytes, if not the usual one. */
  bodyLimit?: number;
  /** Field of the body whose items are parsed one by one. */
  list?: string;
  /** Path of the created resource, with fields of its answer in braces. */
  location?: string;
  /** Set for every handler of a controller. */
  target?: RouteTarget;
  /** The handler gets the body as a stream. */
  upload?: boolean;
}

declare module 'fastify' {
  // An interface, because that is what merges with Fastify's own.
  // oxlint-disable-next-line typescript/no-empty-object-type
  interface FastifyContextConfig extends RouteFacts {}
}

const { KEY } = RouteConfig({});

/** Adds facts to a route. Nest's own `RouteConfig` replaces those that another decorator has set. */
export function routeConfig(facts: RouteFacts): MethodDecorator {
  return (target, name, descriptor) => {
    const known = Reflect.getMetadata(KEY, descriptor.value as object) as RouteFacts | undefined;
    RouteConfig({ ...known, ...facts })(target, name, descriptor);
  };
}

/**
 * The largest body a route accepts, in bytes; 1 MiB without it.
 * @param list the field with a long list, whose items are then parsed while they arrive and validated in slices
 */
export const BodyLimit = (bytes: number, list?: string): MethodDecorator =>
  routeConfig({ bodyLimit: bytes, ...(list === undefined ? {} : { list }) });

/** The handler gets the body of any media type as a stream: nothing is held in memory and no body limit applies. */
export const Upload = (): MethodDecorator => routeConfig({ upload: true });
