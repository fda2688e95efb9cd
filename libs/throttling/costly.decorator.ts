import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { CostlyInterceptor } from './costly-interceptor.js';

/**
 * For reads whose cost follows what is stored, not what is answered: search, history, dry run, lists of what grows with time.
 * A user runs a few at once, a few more wait, and the rest is refused. Read in `@ReadSnapshot()` where an answer may be as
 * old as a replica: its pool has a shorter statement timeout.
 */
export const Costly = (): MethodDecorator =>
  applyDecorators(UseInterceptors(CostlyInterceptor), ApiExtension('x-costly', true));
