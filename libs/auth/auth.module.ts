import { Logger, Module, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { Caches } from '#caching';
import { Database, toDomainError } from '#database';
import { AccessTokens } from './tokens/access-tokens.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysRepository } from './api-keys/api-keys.repository.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { authConfig, type AuthConfig } from './auth.config.js';
import { AuthController } from './auth.controller.js';
import { AuthGuard } from './auth.guard.js';
import { LoginHousekeeping } from './logins/login-housekeeping.js';
import { authMetrics } from './auth.metrics.js';
import { LoginsRepository } from './logins/logins.repository.js';
import { RefreshTokens } from './tokens/refresh-tokens.js';
import { RefreshService } from './logins/refresh.service.js';
import { Authenticator } from './authenticator.js';
import { FirstAdmin } from './users/first-admin.js';
import { keyRing } from './tokens/key-ring-from-config.js';
import { KeyUse } from './tokens/key-use.js';
import { LoginLimits } from './credentials/login-limits.js';
import { LogoutService } from './logins/logout.service.js';
import { LoginService } from './logins/login.service.js';
import { PasswordHasher } from './credentials/password-hasher.js';
import { PasswordsService } from './users/passwords.service.js';
import { Standings } from './standings/standings.js';
import { StandingsRepository } from './standings/standings.repository.js';
import { UsersController } from './users/users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users/users.service.js';

const logger = new Logger('Auth');

/** The plain classes, made of the settings. */
const made: Provider[] = [
  {
    provide: AccessTokens,
    inject: [authConfig.token],
    useFactory: (config: AuthConfig) =>
      new AccessTokens(
        keyRing(config),
        { issuer: config.jwtIssuer, audience: config.jwtAudience },
        config.jwtExpireMinutes * 60,
      ),
  },
  {
    provide: RefreshTokens,
    inject: [authConfig.token],
    useFactory: (config: AuthConfig) =>
      new RefreshTokens(
        [config.jwtSecretKey, ...(config.jwtVerifyKeys ?? []).map(({ key }) => key)].map((key) => key!.reveal()),
      ),
  },
  {
    provide: PasswordHasher,
    inject: [authConfig.token, getToken('auth_hash_queue_depth'), getToken('auth_hash_duration_seconds')],
    useFactory: (config: AuthConfig, depth: Gauge, seconds: Histogram) =>
      new PasswordHasher(
        { memoryKib: config.argonMemoryKib, timeCost: config.argonTimeCost, parallelism: config.argonParallelism },
        { concurrency: config.hashConcurrency, maxWaiting: config.hashMaxWaiting },
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
  {
    provide: Standings,
    inject: [Caches, StandingsRepository, authConfig.token],
    useFactory: (caches: Caches, repository: StandingsRepository, config: AuthConfig) =>
      new Standings(caches, (lookups) => repository.load(lookups), isOutage, config.standingTtlMs),
  },
  {
    provide: KeyUse,
    inject: [ApiKeysRepository, Database],
    useFactory: (keys: ApiKeysRepository, database: Database) =>
      new KeyUse((keyId) => {
        if (database.readOnly) return;
        keys.touch(keyId).catch((err: unknown) => logger.warn({ msg: 'use of a machine key not noted', keyId, err }));
      }),
  },
  {
    provide: Authenticator,
    inject: [AccessTokens, Standings, getToken('auth_failures_total'), KeyUse],
    useFactory: (tokens: AccessTokens, standings: Standings, failures: Counter, keyUse: KeyUse) =>
      new Authenticator(tokens, standings, failures, keyUse),
  },
];

/** PostgreSQL is away, as opposed to busy: see Standings. */
function isOutage(error: unknown): boolean {
  const code = toDomainError(error)?.code;
  return code === 'DATABASE_UNAVAILABLE' || code === 'DATABASE_STARTING';
}

/** Users, logins, tokens, machine keys, and the global guard that makes everything private. */
@Module({
  controllers: [AuthController, ApiKeysController, UsersController],
  providers: [
    ...authMetrics,
    ...made,
    ApiKeysRepository,
    ApiKeysService,
    FirstAdmin,
    LoginHousekeeping,
    LoginsRepository,
    RefreshService,
    LoginService,
    LogoutService,
    PasswordsService,
    StandingsRepository,
    UsersRepository,
    UsersService,
    { provide: APP_GUARD, useClass: AuthGuard },
  ],
  exports: [ApiKeysService, Authenticator, FirstAdmin, LoginService, RefreshService, UsersService],
})
export class AuthModule {}
