import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { ClsPluginTransactional } from '@nestjs-cls/transactional';
import { ClsModule } from 'nestjs-cls';
import { EntityManager } from 'typeorm';
import { databaseConfig, type DatabaseConfig } from './database.config.js';
import { Database } from './database.js';
import { DataSources, Schema } from './data-sources.js';
import { Migrator } from './migrator.js';
import { PoolMetrics, poolMetrics } from './pool.metrics.js';
import { Startup } from './startup.js';
import { TransactionAdapter } from './transaction-adapter.js';
import { Transactions } from './transactions.js';

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
  ) {}

  /** @param schema the entities and migrations of the whole app; this lib knows no domain */
  static forRoot(schema: Schema): DynamicModule {
    const schemaModule = { module: SchemaModule, providers: [{ provide: Schema, useValue: schema }, DataSources], exports: [Schema, DataSources] };
    return {
      module: DatabaseModule,
      global: true,
      imports: [schemaModule, ClsModule.registerPlugins([new ClsPluginTransactional({ imports: [schemaModule], adapter: new TransactionAdapter() })])],
      providers: [...providers, PoolMetrics, ...poolMetrics],
      exports: [...providers, schemaModule],
    };
  }

  onApplicationBootstrap(): void {
    this.sweep = setInterval(() => this.sources.held.reportLongHeld(this.config.heldWarningMs), this.config.heldWarningMs / 6).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.sweep);
    this.startup.stop();
  }
}
