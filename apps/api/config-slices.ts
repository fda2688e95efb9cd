import { alertsConfig } from '#alerts/config';
import { auditConfig } from '#audit/config';
import { authConfig } from '#auth/config';
import { backgroundConfig } from '#background/config';
import { cachingConfig } from '#caching/config';
import { changesConfig } from '#changes/config';
import type { loadConfig } from '#config';
import { dashboardConfig } from '#dashboard/config';
import { databaseConfig } from '#database/config';
import { deliveriesConfig } from '#deliveries/config';
import { egressConfig } from '#egress/config';
import { eventsConfig } from '#events/config';
import { feedsConfig } from '#feeds/config';
import { filingsConfig } from '#filings/config';
import { httpConfig } from '#http/config';
import { idempotencyConfig } from '#idempotency/config';
import { instrumentsConfig } from '#instruments/config';
import { jobsConfig } from '#jobs/config';
import { portfoliosConfig } from '#portfolios/config';
import { realtimeConfig } from '#realtime/config';
import { redisConfig } from '#redis/config';
import { regionsConfig } from '#regions/config';
import { replicationConfig } from '#replication/config';
import { resilienceConfig } from '#resilience/config';
import { sessionsConfig } from '#sessions/config';
import { telemetryConfig } from '#telemetry/config';
import { threadsConfig } from '#threads/config';
import { throttlingConfig } from '#throttling/config';
import { webhooksConfig } from '#webhooks/config';
import { apiConfig } from './api.config.js';

/** The slices of the whole environment. Each lib owns one. */
export const configSlices: Parameters<typeof loadConfig>[0] = [
  alertsConfig,
  apiConfig,
  auditConfig,
  authConfig,
  backgroundConfig,
  cachingConfig,
  changesConfig,
  dashboardConfig,
  databaseConfig,
  deliveriesConfig,
  egressConfig,
  eventsConfig,
  feedsConfig,
  filingsConfig,
  httpConfig,
  idempotencyConfig,
  instrumentsConfig,
  jobsConfig,
  portfoliosConfig,
  realtimeConfig,
  redisConfig,
  regionsConfig,
  replicationConfig,
  resilienceConfig,
  sessionsConfig,
  telemetryConfig,
  threadsConfig,
  throttlingConfig,
  webhooksConfig,
];
