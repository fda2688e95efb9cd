// The built app on DATABASE_URL, without HTTP, for benches that measure a part of the desk.
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Startup } from '#database';

/** Settings of every process that a bench starts. */
export const benchEnvironment = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'fatal',
  DESKWIRE_DEMO: 'false',
  JWT_SECRET_KEY: 'bench-only-secret-of-more-than-32-bytes',
  SESSIONS_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
  WEBHOOK_ENCRYPTION_KEY: 'ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100',
};

/** A module of the built app. The import map of package.json leads to the libs only. */
export const built = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<any>;

/** Starts the desk. Its role is `web`, so it does no work in the background that a measurement would see. */
export async function startDesk(): Promise<INestApplicationContext> {
  const { AppModule } = await built('apps/api/app.module.js');
  const environment = { ...process.env, ...benchEnvironment, DESKWIRE_ROLE: 'web' };
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(environment), {
    logger: false,
    abortOnError: false,
  });
  await app.get(Startup).run();
  return app;
}
