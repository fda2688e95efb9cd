import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { CostlyInterceptor } from './costly-interceptor.js';

/**
 * For reads whose cost depends on the stored data instead of the answer: search, history, dry run, lists that grow with
 * time. A user runs a few at once, a few more wait, and others are refused. Use `@ReadSnapshot()` where an answer may
 * be as old as a replica, because its pool has a shorter statement timeout.
 */
export const Costly = (): MethodDecorator =>
  applyDecorators(UseInterceptors(CostlyInterceptor), ApiExtension('x-costly', true));
