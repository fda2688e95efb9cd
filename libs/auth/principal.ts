import { ClsServiceManager } from 'nestjs-cls';
import { signInRequired } from './auth.errors.js';
import { reaches, type Role } from './role.js';

/** The caller. Frozen, because one object serves every request with the same token. */
export interface Principal {
  readonly userId: string;
  /** The roles in the database, at most 2 s old; not those of the time the token was issued. */
  readonly roles: readonly Role[];
  /** The id of the login, or of the API key. */
  readonly loginId: string;
  /** When the token of this request expires. */
  readonly expiresAt: Date;
  readonly via: 'login' | 'api_key';
}

/** Whether the caller has that role or one above it (viewer < trader < operator < admin). */
export function hasRole(principal: Principal, role: Role): boolean {
  return reaches(principal.roles, role);
}

/** Refuses API keys: a leaked one must not see or change what signs people in. @throws DomainError AUTH_SIGN_IN_REQUIRED */
export function requireLogin({ via }: Principal): void {
  if (via !== 'login') throw signInRequired();
}

/** Operators see the data of every user; traders and viewers see their own. */
export function isOperator(principal: Principal): boolean {
  return reaches(principal.roles, 'operator');
}

/** Whether the caller may see a row: the caller owns it or is an operator. A row without a user belongs to the desk. */
export function ownedBy(principal: Principal, row: { readonly userId: string | null }): boolean {
  return row.userId === principal.userId || isOperator(principal);
}

/** The user whose rows a query is limited to: the caller's own, undefined for operators. */
export function ownRowsOf(principal: Principal): string | undefined {
  return isOperator(principal) ? undefined : principal.userId;
}

/** What carries a principal once it is authenticated: an HTTP request, or a socket in its `data`. */
interface Carrier {
  principal?: Principal;
  data?: { principal?: Principal };
}

/** The principal of an HTTP request or socket; undefined before authentication and on `@Public()` routes. */
export function principalOf(carrier: unknown): Principal | undefined {
  const { principal, data } = carrier as Carrier;
  return principal ?? data?.principal;
}

const CURRENT = 'principal';

/** The caller of the running request; undefined outside of one and before sign-in. */
export function currentPrincipal(): Principal | undefined {
  const cls = ClsServiceManager.getClsService();
  return cls.isActive() ? cls.get<Principal | undefined>(CURRENT) : undefined;
}

/** Attaches the principal to an HTTP request, and to what runs for it. */
export function setPrincipal(request: unknown, principal: Principal): void {
  (request as Carrier).principal = principal;
  const cls = ClsServiceManager.getClsService();
  if (cls.isActive()) cls.set(CURRENT, principal);
}
