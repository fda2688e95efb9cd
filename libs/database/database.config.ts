import { configSlice, env, flag, integer, secret, type SliceValue } from '#config';

/** Pools and limits. All times in ms. */
export const databaseConfig = configSlice('database', {
  url: env('DATABASE_URL', secret(1), 'PostgreSQL of the desk; unset in development means the embedded one', {
    secret: true,
    requiredInProduction: true,
  }),
  analyticsUrl: env(
    'DATABASE_ANALYTICS_URL',
    secret(1),
    'Where read snapshots go, e.g. a replica; unset means DATABASE_URL',
    {
      secret: true,
    },
  ),
  readOnly: env('DB_READONLY', flag(false), 'Refuse every write with 503; reads and dashboards go on'),
  poolMin: env('DATABASE_POOL_MIN', integer(10, 0, 1000), 'Connections of the app pool kept open'),
  poolMax: env('DATABASE_POOL_MAX', integer(50, 1, 1000), 'Connections of the app pool at most'),
  analyticsPoolMax: env(
    'DATABASE_ANALYTICS_POOL_MAX',
    integer(10, 1, 1000),
    'Connections of the read-snapshot pool at most',
  ),
  acquireTimeoutMs: env(
    'DATABASE_ACQUIRE_TIMEOUT_MS',
    integer(5_000, 10, 60_000),
    'Waiting longer for a connection is a 503',
  ),
  statementTimeoutMs: env(
    'DATABASE_STATEMENT_TIMEOUT_MS',
    integer(10_000, 10, 3_600_000),
    'A statement running longer is ended',
  ),
  lockTimeoutMs: env(
    'DATABASE_LOCK_TIMEOUT_MS',
    integer(3_000, 10, 3_600_000),
    'Waiting longer for a row or table lock fails',
  ),
  idleInTransactionTimeoutMs: env(
    'DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS',
    integer(15_000, 100, 3_600_000),
    'A transaction that does nothing for longer is ended',
  ),
  connectionLifetimeMs: env(
    'DATABASE_CONNECTION_LIFETIME_MS',
    integer(3_600_000, 1_000, 86_400_000),
    'Connections are retired after',
  ),
  heldWarningMs: env(
    'DATABASE_HELD_WARNING_MS',
    integer(30_000, 100, 3_600_000),
    'A connection held longer is logged and counted',
  ),
  migrateOnStart: env(
    'DATABASE_MIGRATE_ON_START',
    flag(true),
    'Apply pending migrations at start; false waits for `deskwire migrate up`',
  ),
  migrationLockTimeoutMs: env(
    'DATABASE_MIGRATION_LOCK_TIMEOUT_MS',
    integer(120_000, 100, 3_600_000),
    'How long to wait while another process migrates',
  ),
});

export type DatabaseConfig = SliceValue<typeof databaseConfig>;
