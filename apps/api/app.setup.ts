import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Authenticator, principalOf } from '#auth';
import { setUpHttp } from '#http';
import { DeskRole } from '#background';
import { RealtimeAdapter } from '#realtime';
import { apiConfig, type ApiConfig } from './api.config.js';
import { serveConsoleFiles } from './console-files.js';
import { serveDocuments } from './documents.js';
import { PagesController } from './pages.controller.js';
import { basePathOf } from './pages.js';

/** Sets up everything that a request or a socket passes; main and the tests both use it. Call before `app.init()`. */
export async function configureApp(app: NestFastifyApplication): Promise<void> {
  const config = app.get<ApiConfig>(apiConfig.token);
  const { web } = app.get(DeskRole);
  const authenticator = app.get(Authenticator);
  await setUpHttp(app, {
    basePath: basePathOf(config.publicUrl),
    production: config.nodeEnv === 'production',
    corsOrigins: config.corsOrigins,
    probesOnly: !web,
    pages: app.get(PagesController).pages,
    trustProxy: config.trustProxy,
    userOf: (request) => principalOf(request)?.userId,
    checkAgain: async (request) => {
      const before = principalOf(request);
      if (before === undefined) return; // a public route
      const now = await authenticator.authenticate(request.headers.authorization?.replace(/^bearer +/i, '').trim());
      if (String(now.roles) !== String(before.roles)) throw new Error('The roles of the user have changed.');
    },
  });
  app.useWebSocketAdapter(new RealtimeAdapter(app, { origins: config.corsOrigins, publicUrl: config.publicUrl }));
  if (web) await serveConsoleFiles(app);
  serveDocuments(app, config);
}
