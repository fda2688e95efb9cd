import { alertsConfig } from '#alerts/config';
import { authConfig } from '#auth/config';
import { backgroundConfig } from '#background/config';
import { cachingConfig } from '#caching/config';
import { changesConfig } from '#changes/config';
import type { ConfigSlice } from '#config';
import { dashboardConfig } from '#dashboard/config';
import { databaseConfig } from '#database/config';
import { deliveriesConfig } from '#deliveries/config';
import { egressConfig } from '#egress/config';
import { feedsConfig } from '#feeds/config';
import { filingsConfig } from '#filings/config';
import { idempotencyConfig } from '#idempotency/config';
import { instrumentsConfig } from '#instruments/config';
import { jobsConfig } from '#jobs/config';
import { portfoliosConfig } from '#portfolios/config';
import { realtimeConfig } from '#realtime/config';
import { resilienceConfig } from '#resilience/config';
import { sessionsConfig } from '#sessions/config';
import { telemetryConfig } from '#telemetry/config';
import { throttlingConfig } from '#throttling/config';
import { webhooksConfig } from '#webhooks/config';
import { apiConfig } from './api.config.js';

/** Every part of the environment; each lib owns its own. */
export const configSlices: readonly ConfigSlice[] = [
  alertsConfig,
  apiConfig,
  authConfig,
  backgroundConfig,
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
