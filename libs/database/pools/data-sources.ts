import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { DataSource, type DataSourceOptions, DefaultNamingStrategy, type MigrationInterface } from 'typeorm';
import { databaseConfig, type DatabaseConfig } from '../database.config.js';
import { databaseStarting } from '../database.errors.js';
import { HeldConnections } from './held-connections.js';
import { LostConnections } from './lost-connections.js';
import { OpeningPool } from './opening-pool.js';
import { OneAtATimeClient } from './one-at-a-time-client.js';
import { Replica, type ReplicaServers } from './replica.js';
import { ServerWatch } from './server-watch.js';
import { sessionConnection } from './session-settings.js';
import { type PoolWatch, TrackedPool } from './tracked-pool.js';

export type PoolName = 'app' | 'analytics' | 'cut' | 'replica';

/**
 * The pools of the primary, which every process needs. `app` reads and writes. `analytics` reads snapshots. `cut` reads only
 * the dashboard's snapshot, so other queries cannot delay it. The fourth one, `replica`, comes and goes with its server.
 */
export const POOL_NAMES = ['app', 'analytics', 'cut'] as const satisfies readonly PoolName[];

export type Isolation = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

/** Isolation with which transactions of a pool begin unless they ask for another, which takes one more round trip. */
export const isolationOf = (pool: PoolName): Isolation => (pool === 'app' ? 'READ COMMITTED' : 'REPEATABLE READ');

/** Connections of a pool now. */
interface PoolUse {
  inUse: number;
  idle: number;
  /** Requests that wait for a connection. */
  waiting: number;
  max: number;
}

type EntityClass = DataSourceOptions['entities'];
type MigrationClass = new () => MigrationInterface;

/** The schema of a library that migrates itself in the same database. */
export interface SchemaExtension {
  name: string;
  /**
   * Migrates the schema to its newest version. Called under the migration lock, after the desk's migrations. Safe to
   * repeat.
   */
  install(connection: pg.ClientConfig): Promise<void>;
  /** Removes the schema. Called when the last of the desk's migrations has been reverted. */
  removal: readonly string[];
}

/** Entities and migrations that the app passes to the database lib, because the lib knows no domain. */
export abstract class Schema {
  abstract readonly entities: EntityClass;
  abstract readonly migrations: readonly MigrationClass[];
  readonly extensions?: readonly SchemaExtension[];
}

/** Time in ms that the answer to a cancelled statement may take. Then the server or the network hangs. */
const ANSWER_SLACK_MS = 1_000;

/** The replica has a watch of its own, which measures it all the time. */
const REPLICA_WATCH: PoolWatch = { isSilent: false, suspect: () => undefined };

const DATE_OID = 1082;

/** `date` stays text. pg would parse it as local midnight, which is another day in another time zone. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === DATE_OID ? (value: string) => value : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** tradingSymbol -> trading_symbol. Entities name their tables and constraints explicitly. */
class SnakeNamingStrategy extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string, prefixes: string[]): string {
    const name = customName || propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return [...prefixes, name].join('_');
  }
}

/** The pools, created at boot and connected by `Startup` once PostgreSQL answers. */
@Injectable()
export class DataSources implements OnApplicationShutdown {
  readonly held: HeldConnections;
  readonly watch: ServerWatch;
  readonly app: DataSource;
  readonly analytics: DataSource;
  readonly cut: DataSource;
  /** Connected while there is a replica. */
  readonly replica: DataSource;
  /** Undefined without DATABASE_REPLICA_URL. */
  readonly replicaWatch: Replica | undefined;

  constructor(
    @Inject(databaseConfig.token) private readonly config: DatabaseConfig,
    private readonly schema: Schema,
  ) {
    this.held = new HeldConnections(process.env['NODE_ENV'] !== 'production');
    this.watch = new ServerWatch(() => this.connection('app'));
    const lost = new LostConnections(() => this.connection('app'));
    this.watch.onAnswer = () => {
      const pools = POOL_NAMES.filter((name) => this[name].isInitialized).map((name) => this.pool(name));
      void lost.check(pools.flatMap((pool) => pool.waitingConnections()));
      for (const pool of pools) pool.renew(); // idle connections may be lost too
    };
    // Connections that were opened while the database was read-only stay so, also if nothing was refused at that time.
    this.watch.onWritable = () => {
      if (this.app.isInitialized) this.pool('app').renew();
    };
    this.app = this.create('app', config.poolMax, config.poolMin);
    this.analytics = this.create('analytics', config.analyticsPoolMax, 0);
    this.cut = this.create('cut', config.cutPoolMax, config.cutPoolMin);
    this.replicaWatch = config.replicaUrl && new Replica(this.replicaServers(), config.replicaMaxStalenessMs);
    this.replica = this.create('replica', config.analyticsPoolMax, 0);
  }

  /** The URL of a pool, with its password. Pass it to pg only, never to a log. */
  url(pool: PoolName | 'init'): string {
    const secret = (pool === 'replica' ? this.config.replicaUrl : undefined) ?? this.config.url;
    if (!secret)
      throw new Error('DATABASE_URL is unset and no embedded PostgreSQL was started (see `deskwire serve`).');
    return secret.reveal();
  }

  /** Options for a connection outside the pools with the same session settings. */
  connection(pool: PoolName | 'init'): pg.ClientConfig {
    return sessionConnection(this.url(pool));
  }

  /** A new pool for a library that takes one of pg's, with the session settings of `app`. The caller ends it. */
  separatePool(max: number, application_name: string): pg.Pool {
    return new OpeningPool({ ...this.connection('app'), max, application_name });
  }

  /** A new object of each migration, in no order. */
  migrations(): MigrationInterface[] {
    return this.schema.migrations.map((Migration) => new Migration());
  }

  get extensions(): readonly SchemaExtension[] {
    return this.schema.extensions ?? [];
  }

  /** The pg pool of a connected data source. @throws DomainError DATABASE_STARTING before it is connected */
  pool(name: PoolName): TrackedPool {
    const source = this[name];
    if (!source.isInitialized) throw databaseStarting();
    return (source.driver as unknown as { master: TrackedPool }).master;
  }

  /** The use of each connected pool, by its name. */
  get use(): Partial<Record<PoolName, PoolUse>> {
    const connected = [...POOL_NAMES, 'replica' as const].filter((name) => this[name].isInitialized);
    return Object.fromEntries(
      connected.map((name) => {
        const { inUse, idleCount, waitingCount, options } = this.pool(name);
        return [name, { inUse, idle: idleCount, waiting: waitingCount, max: options.max }];
      }),
    );
  }

  /** A separate connection for migrations, without a statement timeout, closed when they are done. */
  createInit(): DataSource {
    return this.source('init', 1, {}, { extra: { Client: OneAtATimeClient } });
  }

  async onApplicationShutdown(): Promise<void> {
    this.watch.stop();
    this.replicaWatch?.close();
    await Promise.all(
      [...POOL_NAMES, 'replica' as const]
        .map((name) => this[name])
        .filter((source) => source.isInitialized)
        .map((source) => source.destroy()),
    );
  }

  private replicaServers(): ReplicaServers {
    return {
      primary: () => this.connection('app'),
      replica: () => this.connection('replica'),
      open: async () => void (this.replica.isInitialized || (await this.replica.initialize())),
      pool: () => (this.replica.isInitialized ? this.pool('replica') : undefined),
    };
  }

  private create(name: PoolName, max: number, min: number): DataSource {
    const { config, held } = this;
    const watch = name === 'replica' ? REPLICA_WATCH : this.watch;
    const snapshots = name === 'analytics' || name === 'replica';
    const statementTimeoutMs = snapshots ? config.analyticsStatementTimeoutMs : config.statementTimeoutMs;
    const limits: Record<string, string> = {
      statement_timeout: String(statementTimeoutMs),
      lock_timeout: String(config.lockTimeoutMs),
      idle_in_transaction_session_timeout: String(config.idleInTransactionTimeoutMs),
      default_transaction_isolation: isolationOf(name).toLowerCase(),
    };
    if (config.readOnly || name !== 'app') limits['default_transaction_read_only'] = 'on';
    return this.source(name, max, limits, {
      driver: {
        ...pg,
        Pool: class extends TrackedPool {
          constructor(options: pg.PoolConfig) {
            super({ ...options, name, held, watch, maxQueries: config.connectionMaxQueries });
          }
        },
      },
      extra: {
        min,
        connectionTimeoutMillis: name === 'replica' ? config.replicaAcquireTimeoutMs : config.acquireTimeoutMs,
        maxLifetimeSeconds: Math.ceil(config.connectionLifetimeMs / 1000),
        // The client's own limit. On a network that hangs, the server's timeout never reaches the client.
        query_timeout: statementTimeoutMs + ANSWER_SLACK_MS,
        keepAlive: true,
      },
    });
  }

  private source(
    name: PoolName | 'init',
    poolSize: number,
    settings: Record<string, string>,
    { extra, driver }: { extra: object; driver?: object },
  ): DataSource {
    const session = this.config.url && sessionConnection(this.url(name), settings);
    return new DataSource({
      type: 'postgres',
      url: session?.connectionString,
      driver,
      poolSize,
      entities: this.schema.entities,
      migrations: [...this.schema.migrations],
      namingStrategy: new SnakeNamingStrategy(),
      installExtensions: false,
      logging: false,
      extra: { ...extra, options: session?.options, application_name: `deskwire-${name}`, types },
    } as DataSourceOptions);
  }
}
