import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Environment, type InternalValues, loadConfig } from '#config';
import { Startup } from '#database';
import { createHttpAdapter, HttpTraffic } from '#http';
import { PinoLogger, ShutdownSequence, telemetryConfig } from '#telemetry';
import { apiConfig } from './api.config.js';
import { AppModule } from './app.module.js';
import { configureApp } from './app.setup.js';
import { configSlices } from './config-slices.js';
import { basePathOf } from './pages.js';

export interface RunningApp {
  app: NestFastifyApplication;
  /** The address it listens on, e.g. http://127.0.0.1:3000 */
  url: string;
  /** Resolves when the start-up is done; rejects when it failed for good. */
  ready: Promise<void>;
  /** Drains and stops. */
  stop(): Promise<void>;
}

/**
 * Boots the app and listens. The start-up phases run after that; /health/startup shows them.
 * @param internals constants that a test replaces
 * @throws ConfigError before anything is started, or the error of `listen` (EADDRINUSE)
 */
export async function startApp(
  environment: Environment,
  internals: readonly InternalValues[] = [],
): Promise<RunningApp> {
  const tree = loadConfig(configSlices, environment, internals);
  const api = apiConfig.of(tree);
  const logger = new PinoLogger(telemetryConfig.of(tree));
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(environment, internals),
    createHttpAdapter(api.trustProxy, basePathOf(api.publicUrl)),
    {
      logger,
      bodyParser: false,
      abortOnError: false,
    },
  );
  await configureApp(app);
  await app.listen(api.port, api.host);
  const startup = app.get(Startup);
  const ready = startup.run();
  ready.catch(() => undefined);
  return {
    app,
    url: (await app.getUrl()).replace('[::1]', 'localhost'),
    ready,
    stop: async () => {
      await app.get(ShutdownSequence).run(app.get(HttpTraffic), () => app.close());
      logger.flush();
    },
  };
}
