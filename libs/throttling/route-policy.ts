/**
 * Class of a route, which selects its limit: `login` guesses at a secret, `read` and `write` are ordinary, `bulk`
 * carries thousands of rows, `none` has no limit (probes and scrapes).
 */
export type RateClassName = 'login' | 'read' | 'write' | 'bulk' | 'none';

/** Metadata of `@RateClass()`. */
export interface RoutePolicy {
  name: RateClassName;
  /** The field of the body that names the account of a `login` route. */
  account: string | undefined;
}

/** Metadata key that the guard reads. */
export const RATE_CLASS = 'throttling:class';

/** The class of a route that names none: a method that cannot change anything is a read. */
export function rateClassOfMethod(method: string): RateClassName {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 'read' : 'write';
}

/**
 * Data that the guard of `#auth` attaches to a request. That lib is above this one, because its routes name their
 * limits.
 */
interface Authenticated {
  principal?: { userId: string };
}

/** The user of a request; undefined before sign-in. */
export function userOf(request: unknown): string | undefined {
  return (request as Authenticated).principal?.userId;
}
