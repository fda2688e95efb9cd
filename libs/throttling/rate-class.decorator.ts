import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { AccountRateInterceptor } from './account-rate-interceptor.js';
import { RATE_CLASS, type RateClassName, type RoutePolicy } from './route-policy.js';

/**
 * Names the limit that counts the requests of a controller or a handler. Without it GET is `read` and every other method `write`.
 * @param account for public `login` routes, the field of the body that names the account, such as `email`
 */
export const RateClass = (name: RateClassName, account?: string): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(RATE_CLASS, { name, account } satisfies RoutePolicy),
    ApiExtension('x-rate-class', name),
    ...(account === undefined ? [] : [UseInterceptors(AccountRateInterceptor)]),
  );
