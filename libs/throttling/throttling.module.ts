import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { LoginRates } from './login-rates.js';
import { RequestTurns } from './request-turns.js';
import { type ThrottlingConfig, throttlingConfig } from './throttling.config.js';
import { ThrottlingGuard } from './throttling.guard.js';
import { throttlingMetrics } from './throttling.metrics.js';
import { ThrottlerMemory } from './throttler-memory.js';
import { ThrottlingUpkeep } from './throttling-upkeep.js';

/** Limits every HTTP route. Import it after AuthModule: global guards run in the order of imports, and limits are per principal. Global for `@Costly()` and `@RateClass()`. */
@Global()
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [throttlingConfig.token],
      useFactory: (config: ThrottlingConfig) => ({
        throttlers: [{ name: 'read', limit: config.readLimit, ttl: config.windowMs }],
        storage: new ThrottlerMemory(config.maxTracked),
      }),
    }),
  ],
  providers: [
    LoginRates,
    RequestTurns,
    ThrottlingUpkeep,
    { provide: APP_GUARD, useClass: ThrottlingGuard },
    ...throttlingMetrics,
  ],
  exports: [LoginRates, RequestTurns, ThrottlingUpkeep],
})
export class ThrottlingModule {}
