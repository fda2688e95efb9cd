import { declareMetrics } from '#metrics';
import { ENDPOINT_STATES } from './endpoints/endpoint-health.js';

export const ATTEMPTS = 'webhooks_attempts_total';
export const ATTEMPT_DURATION = 'webhooks_attempt_duration_seconds';
export const ENDPOINTS = 'webhooks_endpoints';

export const webhooksMetrics = declareMetrics('webhooks', {
  [ATTEMPTS]: {
    type: 'counter',
    help: 'Webhook attempts by outcome: delivered (2xx), failed, gone (410, or a permanent error of the receiver)',
    labels: { outcome: ['delivered', 'failed', 'gone'] },
  },
  [ATTEMPT_DURATION]: {
    type: 'histogram',
    help: 'Time from the signature to the end of the answer, in seconds',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
  },
  [ENDPOINTS]: {
    type: 'gauge',
    help: 'Endpoints by state: healthy, degraded, disabled (paused ones are not counted)',
    labels: { state: ENDPOINT_STATES },
  },
});
