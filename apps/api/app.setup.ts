import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { principalOf } from '#auth';
import { setUpHttp } from '#http';
import { DeskRole } from '#background';
import { RealtimeAdapter } from '#realtime';
import { apiConfig, type ApiConfig } from './api.config.js';
import { serveDocuments } from './documents.js';
import { basePathOf, pagesOf } from './pages.js';

/** Sets up everything that a request or a socket passes; main and the tests both use it. Call before `app.init()`. */
export async function configureApp(app: NestFastifyApplication): Promise<void> {
  const config = app.get<ApiConfig>(apiConfig.token);
  const { web } = app.get(DeskRole);
  await setUpHttp(app, {
    basePath: basePathOf(config.publicUrl),
    production: config.nodeEnv === 'production',
    corsOrigins: config.corsOrigins,
    probesOnly: !web,
    pages: pagesOf(config),
    trustProxy: config.trustProxy,
    userOf: (request) => principalOf(request)?.userId,
  });
  app.useWebSocketAdapter(new RealtimeAdapter(app, { origins: config.corsOrigins, publicUrl: config.publicUrl }));
  serveDocuments(app, config);
}
