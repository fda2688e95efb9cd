import { RouteConfig } from '@nestjs/platform-fastify';

/** Bytes a route's body may have; 1 MiB without it. */
export const BodyLimit = (bytes: number): MethodDecorator => RouteConfig({ bodyLimit: bytes }) as MethodDecorator;
