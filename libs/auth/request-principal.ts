import type { Principal } from './principal.js';

/** What carries a principal once it has been authenticated: an HTTP request, or a socket in its `data`. */
interface Carrier {
  principal?: Principal;
  data?: { principal?: Principal };
}

/** The principal of an HTTP request or socket, undefined before it is authenticated and on `@Public()` routes. */
export function principalOf(carrier: unknown): Principal | undefined {
  const { principal, data } = carrier as Carrier;
  return principal ?? data?.principal;
}

/** Hands the principal to whoever serves the request. */
export function setPrincipal(request: unknown, principal: Principal): void {
  (request as Carrier).principal = principal;
}
