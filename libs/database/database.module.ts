import { type BeforeApplicationShutdown, type DynamicModule, Module } from '@nestjs/common';
import { ClsPluginTransactional } from '@nestjs-cls/transactional';
import { ClsModule } from 'nestjs-cls';
import { ErrorTranslators } from '#errors';
import { Database } from './database.js';
import { DataSources, Schema } from './pools/data-sources.js';
import { Migrator } from './migrations/migrator.js';
import { PoolMetrics, poolMetrics } from './pools/pool.metrics.js';
import { replicaMetrics, ReplicaReads } from './pools/replica-reads.js';
import { toDomainError } from './postgres-error.js';
import { Startup } from './startup.js';
import { TransactionAdapter } from './transactions/transaction-adapter.js';
import { Transactions } from './transactions/transactions.js';

/** A module of its own, because the transaction plugin needs the pools before DatabaseModule is complete. */
@Module({})
class SchemaModule {}

const providers = [Database, Migrator, Startup, Transactions];

@Module({})
export class DatabaseModule implements BeforeApplicationShutdown {
  constructor(
    private readonly startup: Startup,
    translators: ErrorTranslators,
  ) {
    translators.register(toDomainError);
  }

  /** @param schema the entities and migrations of the whole app, because this lib knows no domain */
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
      providers: [...providers, PoolMetrics, ...poolMetrics, ReplicaReads, ...replicaMetrics],
      exports: [...providers, schemaModule],
    };
  }

  beforeApplicationShutdown(): void {
    this.startup.stop();
  }
}
