import { alertsConfig } from '#alerts/config';
import { authConfig } from '#auth/config';
import { cachingConfig } from '#caching/config';
import type { Environment, InternalValues } from '#config';
import { databaseConfig } from '#database/config';
import { redisConfig } from '#redis/config';

/**
 * Internal settings of every app and module under test: cheap hashing, no idle connections, and time limits for a busy
 * machine.
 */
export const testInternals: readonly InternalValues[] = [
  alertsConfig.with({ recorderPatienceMs: 60_000 }),
  authConfig.with({ argonMemoryKib: 8_192, argonTimeCost: 1, statusQueryMs: 60_000 }),
  cachingConfig.with({ feedSilentMs: 60_000, sharedBudgetMs: 60_000 }),
  databaseConfig.with({
    poolMin: 0,
    cutPoolMin: 0,
    acquireTimeoutMs: 60_000,
    lockTimeoutMs: 60_000,
    statementTimeoutMs: 300_000,
    analyticsStatementTimeoutMs: 300_000,
    idleInTransactionTimeoutMs: 300_000,
  }),
  redisConfig.with({ timeoutMs: 60_000, connectTimeoutMs: 60_000 }),
];

/** Settings of a test app: few logs and a database of its own. */
export function testEnvironment(databaseUrl: string, overrides: Environment = {}): Environment {
  return {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_MAX: '20',
    JWT_SECRET_KEY: 'test-only-jwt-secret-of-more-than-32-bytes',
    SESSIONS_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
    WEBHOOK_ENCRYPTION_KEY: 'ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100',
    LOG_LEVEL: 'fatal',
    LOG_FORMAT: 'json',
    PORT: '0',
    DESKWIRE_DEMO: 'false',
    ...overrides,
  };
}
