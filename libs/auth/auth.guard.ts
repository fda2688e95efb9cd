import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { PUBLIC, REQUIRED_ROLE } from './auth.decorators.js';
import { roleRequired, unauthenticated } from './auth.errors.js';
import { Authenticator } from './authenticator.js';
import { hasRole, type Principal, principalOf, setPrincipal } from './principal.js';
import type { Role } from './role.js';

interface Incoming {
  method: string;
  headers: { authorization?: string };
}

interface Outgoing {
  header(name: string, value: string): unknown;
}

interface Rule {
  isPublic: boolean;
  role: Role | undefined;
}

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const SAFE = /^(GET|HEAD|OPTIONS)$/;

const BEARER = /^bearer +([^ ]+) *$/i;

/** The global guard: every route is private unless `@Public()`, and requires the role of `@Roles()` or one above it. */
@Injectable()
export class AuthGuard implements CanActivate {
  readonly #rules = new WeakMap<object, WeakMap<object, Rule>>();

  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
  ) {}

  /** Answers without a promise when the token is known, because this runs for every request and Nest waits only for promises. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const rule = this.#ruleOf(context);
    if (rule.isPublic) return true;
    if (context.getType() === 'ws') return allowed(ofSocket(context), rule);
    const request = context.switchToHttp().getRequest<Incoming>();
    const token = bearer(request.headers.authorization);
    const known = this.authenticator.known(token);
    if (known === undefined) return this.#prove(context, request, token, rule);
    setPrincipal(request, known);
    return allowed(known, rule);
  }

  /** The metadata of the decorators, read once for each handler. */
  #ruleOf(context: ExecutionContext): Rule {
    const handler = context.getHandler();
    const controller = context.getClass();
    let rules = this.#rules.get(controller);
    if (rules === undefined) this.#rules.set(controller, (rules = new WeakMap()));
    let rule = rules.get(handler);
    if (rule === undefined) {
      const targets = [handler, controller];
      const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) === true;
      rules.set(
        handler,
        (rule = { isPublic, role: this.reflector.getAllAndOverride<Role | undefined>(REQUIRED_ROLE, targets) }),
      );
    }
    return rule;
  }

  async #prove(context: ExecutionContext, request: Incoming, token: string | undefined, rule: Rule): Promise<boolean> {
    let principal: Principal;
    try {
      principal = await this.authenticator.authenticate(token, { write: !SAFE.test(request.method) });
    } catch (error) {
      // RFC 9110 section 11.6.1: a 401 names the authentication scheme.
      context.switchToHttp().getResponse<Outgoing>().header('www-authenticate', 'Bearer');
      throw error;
    }
    setPrincipal(request, principal);
    return allowed(principal, rule);
  }
}

function allowed(principal: Principal, { role }: Rule): true {
  if (role !== undefined && !hasRole(principal, role)) throw roleRequired(role);
  return true;
}

/** A token never contains a space, so this is refused and counted as malformed. */
const ANOTHER_SCHEME = ' ';

function bearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return BEARER.exec(header)?.[1] ?? ANOTHER_SCHEME;
}

/** Nest runs no guard for a handshake, so the adapter has authenticated the socket there. */
function ofSocket(context: ExecutionContext): Principal {
  const principal = principalOf(context.switchToWs().getClient());
  if (principal === undefined) throw unauthenticated();
  return principal;
}
