import { alertsConfig } from '#alerts';
import { authConfig } from '#auth';
import { cachingConfig } from '#caching';
import { changesConfig } from '#changes';
import type { ConfigSlice } from '#config';
import { dashboardConfig } from '#dashboard';
import { databaseConfig } from '#database';
import { deliveriesConfig } from '#deliveries';
import { egressConfig } from '#egress';
import { feedsConfig } from '#feeds';
import { filingsConfig } from '#filings';
import { idempotencyConfig } from '#idempotency';
import { instrumentsConfig } from '#instruments';
import { jobsConfig } from '#jobs';
import { portfoliosConfig } from '#portfolios';
import { realtimeConfig } from '#realtime';
import { resilienceConfig } from '#resilience';
import { sessionsConfig } from '#sessions';
import { telemetryConfig } from '#telemetry';
import { throttlingConfig } from '#throttling';
import { webhooksConfig } from '#webhooks';
import { apiConfig } from './api.config.js';

/** Every part of the environment; each lib owns its own. */
export const configSlices: readonly ConfigSlice[] = [
  alertsConfig,
  apiConfig,
  authConfig,
  cachingConfig,
  changesConfig,
  dashboardConfig,
  databaseConfig,
  deliveriesConfig,
  egressConfig,
  feedsConfig,
  filingsConfig,
  idempotencyConfig,
  instrumentsConfig,
  jobsConfig,
  portfoliosConfig,
  realtimeConfig,
  resilienceConfig,
  sessionsConfig,
  telemetryConfig,
  throttlingConfig,
  webhooksConfig,
];
