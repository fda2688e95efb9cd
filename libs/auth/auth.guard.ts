import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { roleRequired, unauthenticated } from './auth.errors.js';
import { Authenticator } from './authenticator.js';
import { hasRole, type Principal } from './principal.js';
import { PUBLIC } from './public.decorator.js';
import { principalOf, setPrincipal } from './request-principal.js';
import type { Role } from './role.js';
import { REQUIRED_ROLE } from './roles.decorator.js';

interface Incoming {
  headers: { authorization?: string };
}

interface Outgoing {
  header(name: string, value: string): unknown;
}

const BEARER = /^bearer +([^ ]+) *$/i;

/** The global guard: everything is private unless `@Public()`, and `@Roles()` is the least role that may pass. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) === true) return true;
    const principal = context.getType() === 'ws' ? ofSocket(context) : await this.#ofRequest(context);
    const role = this.reflector.getAllAndOverride<Role | undefined>(REQUIRED_ROLE, targets);
    if (role !== undefined && !hasRole(principal, role)) throw roleRequired(role);
    return true;
  }

  async #ofRequest(context: ExecutionContext): Promise<Principal> {
    const request = context.switchToHttp().getRequest<Incoming>();
    try {
      const principal = await this.authenticator.authenticate(bearer(request.headers.authorization));
      setPrincipal(request, principal);
      return principal;
    } catch (error) {
      // RFC 9110 section 11.6.1: a 401 says how to authenticate.
      context.switchToHttp().getResponse<Outgoing>().header('www-authenticate', 'Bearer');
      throw error;
    }
  }
}

/** No token has a space in it: refused as malformed, and counted so. */
const ANOTHER_SCHEME = ' ';

function bearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return BEARER.exec(header)?.[1] ?? ANOTHER_SCHEME;
}

/** Sockets were authenticated in their handshake: guards do not run for it, so the adapter does it. */
function ofSocket(context: ExecutionContext): Principal {
  const principal = principalOf(context.switchToWs().getClient());
  if (principal === undefined) throw unauthenticated();
  return principal;
}
