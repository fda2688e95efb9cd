import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from './principal.js';
import { principalOf } from './request-principal.js';

/** `@CurrentPrincipal() principal: Principal`: who is calling, on HTTP and on a socket. Not for `@Public()` routes. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const carrier: unknown =
    context.getType() === 'ws' ? context.switchToWs().getClient() : context.switchToHttp().getRequest();
  const principal = principalOf(carrier);
  if (principal === undefined) throw new Error(`${context.getHandler().name} asks for the principal but is @Public()`);
  return principal;
});
