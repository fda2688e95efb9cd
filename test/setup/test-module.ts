import { type INestApplicationContext, type InjectionToken, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditModule } from '#audit';
import { BackgroundModule } from '#background';
import { CachingModule } from '#caching';
import { ChangesModule } from '#changes';
import { ConfigModule, type Environment, type InternalValues } from '#config';
import { DatabaseModule, Startup } from '#database';
import { ErrorsModule } from '#errors';
import { IdempotencyModule } from '#idempotency';
import { JobsModule } from '#jobs';
import { QuotasModule } from '#quotas';
import { RedisModule } from '#redis';
import { SystemModule } from '#system';
import { TelemetryModule } from '#telemetry';
import { ThreadsModule } from '#threads';
import { TimeModule } from '#time';
import { cacheSecret } from '../../apps/api/cache-secret.js';
import { configSlices } from '../../apps/api/config-slices.js';
import { keyOwner } from '../../apps/api/key-owner.js';
import { schema } from '../../migrations/schema.js';
import { opening } from './opened.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';
import { testEnvironment, testInternals } from './test-environment.js';
import type { VirtualClock } from './virtual-clock.js';

export interface TestModule {
  context: INestApplicationContext;
  database: TestDatabase;
  get<T>(token: InjectionToken<T>): T;
  /** Closes the context, and drops the database if this module made it. */
  close(): Promise<void>;
}

export interface TestModuleOptions {
  env?: Environment;
  /** Overrides of lib constants, e.g. `deliveriesConfig.with({ pollMs: 50 })`. */
  internals?: readonly InternalValues[];
  /** Default: the system's clock. */
  clock?: VirtualClock;
  /** Database of another module, for tests with two nodes. */
  database?: TestDatabase;
}

@Module({})
class RootModule {}

/** Starts the given modules on the real foundation with a migrated database of their own, without HTTP. */
export async function testModule(modules: readonly unknown[], options: TestModuleOptions = {}): Promise<TestModule> {
  const database = options.database ?? (await createTestDatabase());
  const root = {
    module: RootModule,
    imports: [
      ConfigModule.forRoot(configSlices, testEnvironment(database.url, options.env), [
        ...testInternals,
        ...(options.internals ?? []),
      ]),
      ErrorsModule,
      TelemetryModule,
      ThreadsModule,
      TimeModule.forRoot(options.clock),
      DatabaseModule.forRoot(schema),
      BackgroundModule,
      ChangesModule,
      CachingModule.forRoot(cacheSecret),
      IdempotencyModule.forRoot(keyOwner),
      JobsModule,
      QuotasModule,
      RedisModule,
      AuditModule,
      SystemModule,
      ...(modules as []),
    ],
  };
  const context = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  await context.get(Startup).run();
  return opening({
    context,
    database,
    get: (token) => context.get(token, { strict: false }),
    close: async () => {
      await context.close();
      if (!options.database) await database.drop();
    },
  });
}
