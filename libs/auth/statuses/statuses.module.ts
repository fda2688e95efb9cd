import { Module } from '@nestjs/common';
import { Caches } from '#caching';
import { toDomainError } from '#database';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { CredentialStatusRepository } from './credential-status.repository.js';
import { CredentialStatuses } from './credential-statuses.js';

/** Reads and caches whether logins and API keys are still good. */
@Module({
  providers: [
    CredentialStatusRepository,
    {
      provide: CredentialStatuses,
      inject: [Caches, CredentialStatusRepository, authConfig.token],
      useFactory: (caches: Caches, repository: CredentialStatusRepository, config: AuthConfig) =>
        new CredentialStatuses(caches, (lookups) => repository.load(lookups, config.statusQueryMs), isOutage, {
          ttlMs: config.statusTtlMs,
          graceMs: config.statusGraceMs,
          waitMs: config.statusWaitMs,
          writeWaitMs: config.statusQueryMs,
        }),
    },
  ],
  exports: [CredentialStatuses],
})
export class StatusesModule {}

/** Whether PostgreSQL is unreachable, as opposed to busy. */
function isOutage(error: unknown): boolean {
  const code = toDomainError(error)?.code;
  return code === 'DATABASE_UNAVAILABLE' || code === 'DATABASE_STARTING';
}
