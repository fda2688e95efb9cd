import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Environment, loadConfig } from '#config';
import { Startup } from '#database';
import { createHttpAdapter, HttpTraffic } from '#http';
import { PinoLogger, ShutdownSequence, type TelemetryConfig } from '#telemetry';
import type { ApiConfig } from './api.config.js';
import { AppModule } from './app.module.js';
import { configureApp } from './app.setup.js';
import { configSlices } from './config-slices.js';

export interface RunningApp {
  app: NestFastifyApplication;
  /** Where it listens, e.g. http://127.0.0.1:3000 */
  url: string;
  /** Resolves when the start is done; rejects when it failed for good. */
  ready: Promise<void>;
  /** Drains and stops. */
  stop(): Promise<void>;
}

/**
 * Boots the app and listens; the start goes on behind it, watched at /health/startup.
 * @throws ConfigError before anything is started, or what `listen` says (EADDRINUSE)
 */
export async function startApp(environment: Environment): Promise<RunningApp> {
  const tree = loadConfig(configSlices, environment);
  const api = tree['api'] as ApiConfig;
  const logger = new PinoLogger(tree['telemetry'] as TelemetryConfig);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(environment),
    createHttpAdapter(api.trustProxy),
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
