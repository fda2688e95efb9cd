import { Logger, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Retention } from '#background';
import { Database } from '#database';
import { ApiKeyUse } from './api-keys/api-key-use.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysRepository } from './api-keys/api-keys.repository.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { AuthController } from './auth.controller.js';
import { AuthGuard } from './auth.guard.js';
import { authMetrics } from './auth.metrics.js';
import { Authenticator } from './authenticator.js';
import { CredentialsModule } from './credentials/credentials.module.js';
import { PasswordHasher } from './credentials/password-hasher.js';
import { LoginService } from './logins/login.service.js';
import { LoginsRepository } from './logins/logins.repository.js';
import { LogoutService } from './logins/logout.service.js';
import { RefreshService } from './logins/refresh.service.js';
import { CredentialStatuses } from './statuses/credential-statuses.js';
import { StatusesModule } from './statuses/statuses.module.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { TokensModule } from './tokens/tokens.module.js';
import { UsersRepository } from './users.repository.js';
import { FirstAdmin } from './users/first-admin.js';
import { PasswordsService } from './users/passwords.service.js';
import { OwnLoginsController } from './users/own-logins.controller.js';
import { UserAccess } from './users/user-access.service.js';
import { UserAccessController } from './users/user-access.controller.js';
import { UsersController } from './users/users.controller.js';
import { UsersService } from './users/users.service.js';

/** Kept after their end: the networks of an owner's past logins let the owner in while the account is under attack. */
const ENDED_LOGINS_MS = 30 * 86_400_000;
/** How long a revoked or expired API key is kept. The audit trail keeps who made and revoked it. */
const ENDED_KEYS_MS = 90 * 86_400_000;

/** Users, logins, tokens and API keys, and the global guard that makes every route private. */
@Module({
  imports: [TokensModule, CredentialsModule, StatusesModule],
  controllers: [AuthController, ApiKeysController, OwnLoginsController, UserAccessController, UsersController],
  providers: [
    ...authMetrics,
    ApiKeysRepository,
    ApiKeysService,
    FirstAdmin,
    LoginService,
    LoginsRepository,
    LogoutService,
    PasswordsService,
    RefreshService,
    UserAccess,
    UsersRepository,
    UsersService,
    { provide: ApiKeyUse, inject: [ApiKeysRepository, Database], useFactory: apiKeyUse },
    {
      provide: Authenticator,
      inject: [AccessTokens, CredentialStatuses, getToken('auth_failures_total'), ApiKeyUse],
      useFactory: (tokens: AccessTokens, statuses: CredentialStatuses, failures: Counter, apiKeyUse: ApiKeyUse) =>
        new Authenticator(tokens, statuses, failures, apiKeyUse),
    },
    { provide: APP_GUARD, useClass: AuthGuard },
  ],
  exports: [Authenticator, FirstAdmin, UsersService],
})
export class AuthModule implements OnModuleInit {
  constructor(
    private readonly hasher: PasswordHasher,
    retention: Retention,
    keys: ApiKeysRepository,
  ) {
    // Their refresh tokens go by cascade, hence the small batch.
    retention.keep({ table: 'logins', column: 'expires_at', ms: ENDED_LOGINS_MS, batch: 1_000 });
    retention.keep({ table: 'api_keys', remove: (limit) => keys.removeEnded(ENDED_KEYS_MS, limit) });
  }

  onModuleInit(): Promise<void> {
    return this.hasher.prepare();
  }
}

function apiKeyUse(keys: ApiKeysRepository, database: Database): ApiKeyUse {
  const logger = new Logger(ApiKeyUse.name);
  return new ApiKeyUse((keyId) => {
    if (database.readOnly) return;
    keys
      .touch(keyId)
      .catch((err: unknown) => logger.warn({ msg: 'could not record the use of an API key', keyId, err }));
  });
}
