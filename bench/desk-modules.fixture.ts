// Starts modules of the built app on DATABASE_URL, without HTTP, for benches that measure a part of the desk.
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BackgroundModule } from '#background';
import { CachingModule } from '#caching';
import { ChangesModule } from '#changes';
import { ConfigModule } from '#config';
import { DatabaseModule, Startup } from '#database';
import { ErrorsModule } from '#errors';
import { IdempotencyModule } from '#idempotency';
import { JobsModule } from '#jobs';
import { SystemModule } from '#system';
import { TelemetryModule } from '#telemetry';
import { ThreadsModule } from '#threads';
import { TimeModule } from '#time';

/** Settings of every process that a bench starts. */
export const benchEnvironment = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'fatal',
  JWT_SECRET_KEY: 'bench-only-secret-of-more-than-32-bytes',
  SESSIONS_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
  WEBHOOK_ENCRYPTION_KEY: 'ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100',
};

/** A module of the built app. The import map of package.json leads to the libs only. */
export const built = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<any>;

/** The given modules on the whole foundation, started. They do no work in the background. */
export async function startModules(modules: readonly unknown[]): Promise<INestApplicationContext> {
  const { configSlices } = await built('apps/api/config-slices.js');
  const { keyOwner } = await built('apps/api/key-owner.js');
  const { schema } = await built('migrations/schema.js');
  class Bench {}
  const root = {
    module: Bench,
    imports: [
      ConfigModule.forRoot(configSlices, { ...process.env, ...benchEnvironment, DESKWIRE_ROLE: 'web' }),
      ErrorsModule,
      TelemetryModule,
      ThreadsModule,
      TimeModule.forRoot(),
      DatabaseModule.forRoot(schema),
      BackgroundModule,
      ChangesModule,
      CachingModule,
      IdempotencyModule.forRoot(keyOwner),
      JobsModule,
      SystemModule,
      ...modules,
    ],
  };
  const app = await NestFactory.createApplicationContext(root as never, { logger: false, abortOnError: false });
  await app.get(Startup).run();
  return app;
}
