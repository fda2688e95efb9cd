// Deskwire as it is built, without HTTP.
import { NestFactory } from '@nestjs/core';
import { Startup } from '#database';
import { databaseConfig } from '#database/config';
import { WebhooksService } from '#webhooks';
import { AppModule } from '../../dist/apps/api/app.module.js';
import { CONCURRENCY } from './message.mjs';

/** @param role `web` enqueues, `worker` sends */
export async function startDesk(role, environment = {}) {
  const app = await NestFactory.createApplicationContext(
    AppModule.forRoot(
      {
        DATABASE_URL: process.env.DATABASE_URL,
        NODE_ENV: 'test',
        LOG_LEVEL: 'error',
        DESKWIRE_ROLE: role,
        DESKWIRE_DEMO: 'false',
        DATABASE_POOL_MAX: '10',
        DELIVERIES_MAX_CONCURRENT: String(CONCURRENCY),
        EGRESS_ALLOW_PRIVATE: 'true',
        WEBHOOKS_MAX_PER_USER: '100',
        JWT_SECRET_KEY: 'bench-only-secret-of-more-than-32-bytes',
        SESSIONS_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
        WEBHOOK_ENCRYPTION_KEY: 'ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100',
        ...environment,
      },
      [databaseConfig.with({ poolMin: 2 })],
    ),
    { logger: ['error', 'warn'], abortOnError: false },
  );
  await app.get(Startup).run();
  return app;
}

/** Webhooks of the desk, one for each URL. @returns their ids */
export async function addEndpoints(app, urls) {
  const operator = { userId: '00000000-0000-7000-8000-000000000000', roles: ['admin'] };
  const rest = { description: '', format: 'generic', desk: true, operator: false, minSeverity: null };
  const ids = [];
  for (const url of urls) {
    const given = { url, ...rest, concurrency: 16, ratePerSecond: null };
    ids.push((await app.get(WebhooksService, { strict: false }).create(operator, given)).id);
  }
  return ids;
}
