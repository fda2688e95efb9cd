import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { RedisModule } from '#redis';
import { LimitReports } from './cluster/limit-reports.js';
import { Peers } from './cluster/peers.js';
import { CountSettlement } from './cluster/count-settlement.js';
import { LoginRates } from './login-rates.js';
import { RatePolicies } from './rate-policies.js';
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
    RedisModule,
    ThrottlerModule.forRootAsync({
      inject: [throttlingConfig.token],
      useFactory: (config: ThrottlingConfig) => ({
        throttlers: [{ name: 'read', limit: config.readLimit, ttl: config.windowMs }],
        storage: new ThrottlerMemory(config.maxTracked),
      }),
    }),
  ],
  providers: [
    LimitReports,
    LoginRates,
    Peers,
    RatePolicies,
    RequestTurns,
    CountSettlement,
    ThrottlingUpkeep,
    { provide: APP_GUARD, useClass: ThrottlingGuard },
    ...throttlingMetrics,
  ],
  exports: [LimitReports, LoginRates, Peers, RequestTurns, ThrottlingUpkeep],
})
export class ThrottlingModule {}
