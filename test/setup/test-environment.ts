import type { Environment } from '#config';

/** Settings of a test's app: few logs, cheap hashing, its own database, and time limits that hold on a busy machine. */
export function testEnvironment(databaseUrl: string, overrides: Environment = {}): Environment {
  return {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_MIN: '0',
    DATABASE_POOL_MAX: '20',
    DATABASE_ACQUIRE_TIMEOUT_MS: '60000',
    DATABASE_LOCK_TIMEOUT_MS: '60000',
    DATABASE_STATEMENT_TIMEOUT_MS: '300000',
    DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS: '300000',
    JWT_SECRET_KEY: 'test-only-jwt-secret-of-more-than-32-bytes',
    SESSIONS_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
    WEBHOOK_ENCRYPTION_KEY: 'ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100',
    LOG_LEVEL: 'fatal',
    LOG_FORMAT: 'json',
    PORT: '0',
    DESKWIRE_DEMO: 'false',
    AUTH_ARGON2_MEMORY_KIB: '8192',
    AUTH_ARGON2_TIME_COST: '1',
    ...overrides,
  };
}
