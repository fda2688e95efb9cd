import { Module } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Gauge, Histogram } from 'prom-client';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { Redis } from '#redis';
import { declareMetrics } from '#metrics';
import { LimitReports, Peers } from '#throttling';
import { LoginLimits } from './login-limits.js';
import { PasswordHasher } from './password-hasher.js';
import { SharedAttempts } from './shared-attempts.js';

const DEPTH = 'auth_hash_queue_depth';
const SECONDS = 'auth_hash_duration_seconds';

/** Hashes passwords and counts failed sign-ins; reads no table. */
@Module({
  providers: [
    ...declareMetrics('auth', {
      [DEPTH]: { type: 'gauge', help: 'Password hashes running and waiting' },
      [SECONDS]: {
        type: 'histogram',
        help: 'Time to compute or verify one password hash, without waiting',
        buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1],
      },
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
      // The command line signs nobody in and has no limits.
      inject: [authConfig.token, ...[Redis, Peers, LimitReports].map((token) => ({ token, optional: true }))],
      useFactory: loginLimits,
    },
  ],
  exports: [PasswordHasher, LoginLimits],
})
export class CredentialsModule {}

function loginLimits(config: AuthConfig, redis?: Redis, peers?: Peers, reports?: LimitReports): LoginLimits {
  const settings = {
    windowMs: config.loginWindowMinutes * 60_000,
    perPair: config.loginMaxPerPair,
    perNetwork: config.loginMaxPerNetwork,
    perAccount: config.loginMaxPerAccount,
  };
  // Every process has this secret, so all of them name an account alike.
  if (config.jwtSecretKey !== undefined) peers?.useSecret(config.jwtSecretKey.reveal());
  const shared = redis !== undefined && peers !== undefined ? new SharedAttempts(redis, peers) : undefined;
  const limits = new LoginLimits(settings, Date.now, shared);
  reports?.add(() => limits.reports());
  return limits;
}
