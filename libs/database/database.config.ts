import { configSlice, duration, env, flag, integer, secret, type SliceValue } from '#config';

export const databaseConfig = configSlice(
  'database',
  {
    url: env('DATABASE_URL', secret(1), 'URL of PostgreSQL. Unset in development: the embedded PostgreSQL', {
      secret: true,
      requiredInProduction: true,
    }),
    replicaUrl: env(
      'DATABASE_REPLICA_URL',
      secret(1),
      'URL of a replica (a standby or a logical subscriber) that serves reads of history. Unset: all reads go to DATABASE_URL',
      { secret: true, formerly: 'DATABASE_ANALYTICS_URL' },
    ),
    replicaMaxStalenessMs: env(
      'DATABASE_REPLICA_MAX_STALENESS',
      duration('5s', '1s', '1h'),
      'Maximum measured age of the data of the replica. Beyond it, reads go to DATABASE_URL',
    ),
    readOnly: env('DB_READONLY', flag(false), 'Refuses every write with 503. Reads and dashboards continue'),
    poolMax: env('DATABASE_POOL_MAX', integer(50, 1, 1000), 'Maximum connections of the main pool, per process'),
    analyticsPoolMax: env(
      'DATABASE_ANALYTICS_POOL_MAX',
      integer(10, 1, 1000),
      'Maximum connections of the pool for read snapshots, per process',
    ),
    walAlertBytesPerSecond: env(
      'ALERT_WAL_BYTES_PER_SECOND',
      integer(1_000_000, 1, 1_000_000_000_000),
      'Write-ahead log per second, beyond that of stored quotes, above which Prometheus alerts, in bytes',
    ),
    migrateOnStart: env(
      'DATABASE_MIGRATE_ON_START',
      flag(true),
      'Applies pending migrations at start. false: the start waits for `deskwire migrate up`',
    ),
  },
  {
    /** Connections of the main pool that are kept open. */
    poolMin: 10,
    /** Connections of the dashboard's pool that are kept open. */
    cutPoolMin: 2,
    /** Maximum connections of the dashboard's pool. One process computes one cut at a time. */
    cutPoolMax: 4,
    /** Maximum duration of one SQL statement, in ms. Imports and migrations have limits of their own. */
    statementTimeoutMs: 10_000,
    /** Maximum duration of one SQL statement of a read snapshot, in ms. Those of the dashboard have the longer limit. */
    analyticsStatementTimeoutMs: 5_000,
    /** Maximum wait for a connection, in ms. Then the request is answered 503. */
    acquireTimeoutMs: 5_000,
    /** Maximum wait for a row or table lock, in ms. */
    lockTimeoutMs: 3_000,
    /** Maximum time a transaction may be idle, in ms. Then PostgreSQL ends it. */
    idleInTransactionTimeoutMs: 15_000,
    /** Age at which a connection is replaced, in ms. */
    connectionLifetimeMs: 3_600_000,
    /** Number of queries after which a connection is replaced. */
    connectionMaxQueries: 50_000,
    /** Maximum wait for a connection to the replica, in ms. Then the primary answers. */
    replicaAcquireTimeoutMs: 1_000,
    /** Time between two measurements of the replica, in ms. */
    replicaMeasureMs: 500,
    /** A connection held for longer is logged and counted, in ms. */
    heldWarningMs: 30_000,
    /** Maximum wait while another process migrates, in ms. */
    migrationLockTimeoutMs: 120_000,
    /** Maximum wait of a migration for a lock on a table, in ms. Meanwhile every later statement on the table waits too. */
    migrationTableLockTimeoutMs: 10_000,
  },
);

export type DatabaseConfig = SliceValue<typeof databaseConfig>;
