import { authConfig } from '#auth';
import { cachingConfig } from '#caching';
import { changesConfig } from '#changes';
import type { ConfigSlice } from '#config';
import { dashboardConfig } from '#dashboard';
import { databaseConfig } from '#database';
import { idempotencyConfig } from '#idempotency';
import { instrumentsConfig } from '#instruments';
import { portfoliosConfig } from '#portfolios';
import { realtimeConfig } from '#realtime';
import { sessionsConfig } from '#sessions';
import { telemetryConfig } from '#telemetry';
import { throttlingConfig } from '#throttling';
import { apiConfig } from './api.config.js';

/** Every part of the environment; each lib owns its own. */
export const configSlices: readonly ConfigSlice[] = [
  apiConfig,
  authConfig,
  cachingConfig,
  changesConfig,
  dashboardConfig,
  databaseConfig,
  idempotencyConfig,
  instrumentsConfig,
  portfoliosConfig,
  realtimeConfig,
  sessionsConfig,
  telemetryConfig,
  throttlingConfig,
];
