import { SetMetadata } from '@nestjs/common';

/**
 * What a route costs, which decides the limit that counts it: `login` guesses at a secret, `read` and `write` are ordinary,
 * `bulk` carries thousands of rows, `none` has no limit (probes and scrapes).
 */
export type RateClass = 'login' | 'read' | 'write' | 'bulk' | 'none';

/** Metadata key that the guard reads. */
export const RATE_CLASS = 'throttling:class';

/** Names the limit that counts the requests of a controller or a handler. Without it GET is `read` and every other method `write`. */
export const RateClass = (name: RateClass): MethodDecorator & ClassDecorator => SetMetadata(RATE_CLASS, name);

/** The class of a route that names none: a method that cannot change anything is a read. */
export function rateClassOfMethod(method: string): RateClass {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 'read' : 'write';
}
