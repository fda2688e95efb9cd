import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { ClsPluginTransactional } from '@nestjs-cls/transactional';
import { ClsModule } from 'nestjs-cls';
import { EntityManager } from 'typeorm';
import { ErrorTranslators } from '#errors';
import { HealthRegistry, Readiness, StartupView } from '#telemetry';
import { databaseConfig, type DatabaseConfig } from './database.config.js';
import { Database } from './database.js';
import { DataSources, Schema } from './pools/data-sources.js';
import { Migrator } from './migrations/migrator.js';
import { PoolMetrics, poolMetrics } from './pools/pool.metrics.js';
import { toDomainError } from './postgres-error.js';
import { ServerStatistics, serverStatisticsMetrics } from './pools/server-statistics.js';
import { Startup } from './startup.js';
import { TransactionAdapter } from './transactions/transaction-adapter.js';
import { Transactions } from './transactions/transactions.js';

/** typeorm's EntityManager, resolved anew at each use: inside a transaction it is that transaction's. */
const scopedManager = {
  provide: EntityManager,
  inject: [Database],
  useFactory: (database: Database) =>
    new Proxy({} as EntityManager, {
      get: (_target, name) => {
        const value: unknown = Reflect.get(database.manager, name);
        return typeof value === 'function' ? (value.bind(database.manager) as unknown) : value;
      },
    }),
};

/** Apart, because the transaction plugin needs the pools before this module is whole. */
@Module({})
class SchemaModule {}

const providers = [Database, Migrator, Startup, Transactions, scopedManager];

@Module({})
export class DatabaseModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly sources: DataSources,
    private readonly startup: Startup,
    @Inject(databaseConfig.token) private readonly config: DatabaseConfig,
    translators: ErrorTranslators,
    readiness: Readiness,
    health: HealthRegistry,
    view: StartupView,
  ) {
    translators.register(toDomainError);
    readiness.addCondition('startup', () => (startup.isReady ? null : startup.phase));
    view.from(() => ({ phase: startup.phase, steps: startup.steps, pendingMigrations: startup.pendingMigrations }));
    health.register({ name: 'database', check: () => this.health() });
  }

  /** @param schema the entities and migrations of the whole app; this lib knows no domain */
  static forRoot(schema: Schema): DynamicModule {
    const schemaModule = {
      module: SchemaModule,
      providers: [{ provide: Schema, useValue: schema }, DataSources],
      exports: [Schema, DataSources],
    };
    return {
      module: DatabaseModule,
      global: true,
      imports: [
        schemaModule,
        ClsModule.registerPlugins([
          new ClsPluginTransactional({ imports: [schemaModule], adapter: new TransactionAdapter() }),
        ]),
      ],
      providers: [...providers, PoolMetrics, ...poolMetrics, ServerStatistics, ...serverStatisticsMetrics],
      exports: [...providers, schemaModule],
    };
  }

  onApplicationBootstrap(): void {
    this.sweep = setInterval(
      () => this.sources.held.reportLongHeld(this.config.heldWarningMs),
      this.config.heldWarningMs / 6,
    ).unref();
  }

  /** Asked on the analytics pool, so that an exhausted app pool still shows as what it is. */
  private async health() {
    const { app, analytics } = this.sources;
    if (!app.isInitialized || !analytics.isInitialized) return { status: 'down' as const, phase: this.startup.phase };
    await analytics.query('SELECT 1');
    const pool = this.sources.pool('app');
    return {
      status: pool.waitingCount > 0 ? ('degraded' as const) : ('up' as const),
      inUse: pool.inUse,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      max: pool.options.max,
      readOnly: this.config.readOnly,
    };
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.sweep);
    this.startup.stop();
  }
}
