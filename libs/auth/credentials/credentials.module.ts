import { Module } from '@nestjs/common';
import { getToken, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge, Histogram } from 'prom-client';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { LoginLimits } from './login-limits.js';
import { PasswordHasher } from './password-hasher.js';

const DEPTH = 'auth_hash_queue_depth';
const SECONDS = 'auth_hash_duration_seconds';

/** Hashes passwords and counts failed sign-ins; reads no table. */
@Module({
  providers: [
    makeGaugeProvider({ name: DEPTH, help: 'Password hashes running and waiting' }),
    makeHistogramProvider({
      name: SECONDS,
      help: 'Time to compute or verify one password hash, without waiting',
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1],
    }),
    {
      provide: PasswordHasher,
      inject: [authConfig.token, getToken(DEPTH), getToken(SECONDS)],
      useFactory: (config: AuthConfig, depth: Gauge, seconds: Histogram) =>
        new PasswordHasher(
          { memoryKib: config.argonMemoryKib, timeCost: config.argonTimeCost, parallelism: config.argonParallelism },
          {
            concurrency: config.hashConcurrency,
            maxWaiting: config.hashMaxWaiting,
            maxPerAccount: config.hashMaxPerAccount,
          },
          depth,
          seconds,
        ),
    },
    {
      provide: LoginLimits,
      inject: [authConfig.token],
      useFactory: (config: AuthConfig) =>
        new LoginLimits({
          windowMs: config.loginWindowMinutes * 60_000,
          perPair: config.loginMaxPerPair,
          perNetwork: config.loginMaxPerNetwork,
          perAccount: config.loginMaxPerAccount,
        }),
    },
  ],
  exports: [PasswordHasher, LoginLimits],
})
export class CredentialsModule {}
