import { join } from 'node:path';
import files from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { consoleFolder } from './pages.js';

/** A year: the name of a built file has the hash of its content. */
const FOREVER = 'public, max-age=31536000, immutable';

/** Serves the console's scripts, styles and fonts at /assets/. */
export async function serveConsoleFiles(app: NestFastifyApplication): Promise<void> {
  await app.register(files, {
    // Read at each request: a build may replace the folder while the desk runs.
    root: join(consoleFolder(), 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    cacheControl: false,
    setHeaders: (reply) => {
      void reply.header('Cache-Control', FOREVER);
    },
  });
}
