import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { BodyLimit } from '#http';
import { type Principal, principalOf } from './principal.js';
import type { Role } from './role.js';

/** Metadata key that the guard reads; a lib below auth sets it by this name. */
export const PUBLIC = 'deskwire:public';

/** Metadata key of the least role that a route requires. */
export const REQUIRED_ROLE = 'deskwire:role';

/**
 * Maximum body of a public route in bytes. The sender is unknown, so it is small: a sign-in takes 300 bytes, a refresh
 * 100.
 */
const MAX_PUBLIC_BODY_BYTES = 4 * 1024;

/**
 * Opens a route, or all routes of a controller, to callers without a token. Its body has at most 4 KiB. Every other
 * route is private, also in the documents.
 */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(PUBLIC, true), ApiExtension('x-public', true), limitPublicBodies);

function limitPublicBodies(target: object, name?: string | symbol, descriptor?: PropertyDescriptor): void {
  if (name !== undefined && descriptor) return BodyLimit(MAX_PUBLIC_BODY_BYTES)(target, name, descriptor) as void;
  const { prototype } = target as { prototype: object };
  for (const [method, own] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
    if (typeof own.value === 'function' && method !== 'constructor')
      BodyLimit(MAX_PUBLIC_BODY_BYTES)(prototype, method, own);
}

/** The least role that may call this; roles above it may too. On a method it replaces the role of its controller. */
export const Roles = (least: Role): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(REQUIRED_ROLE, least), ApiExtension('x-required-role', least));

/** `@CurrentPrincipal() principal: Principal`: the caller, on HTTP and on a socket. Not for `@Public()` routes. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const carrier: unknown =
    context.getType() === 'ws' ? context.switchToWs().getClient() : context.switchToHttp().getRequest();
  const principal = principalOf(carrier);
  if (principal === undefined) throw new Error(`${context.getHandler().name} asks for the principal but is @Public()`);
  return principal;
});
