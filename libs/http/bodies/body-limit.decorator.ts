import { routeConfig } from '../route-config.js';

/** The largest body a route accepts, in bytes; 1 MiB without it. */
export const BodyLimit = (bytes: number): MethodDecorator => routeConfig({ bodyLimit: bytes });
