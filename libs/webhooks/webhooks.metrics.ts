import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const ATTEMPTS = 'webhooks_attempts_total';
export const ATTEMPT_DURATION = 'webhooks_attempt_duration_seconds';
export const ENDPOINTS = 'webhooks_endpoints';

export const webhooksMetrics = [
  makeCounterProvider({
    name: ATTEMPTS,
    help: 'Webhook attempts by outcome: delivered (2xx), failed, gone (410)',
    labelNames: ['outcome'],
  }),
  makeHistogramProvider({
    name: ATTEMPT_DURATION,
    help: 'Time from the signature to the end of the answer, in seconds',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
  }),
  makeGaugeProvider({
    name: ENDPOINTS,
    help: 'Endpoints by state: healthy, degraded, disabled (paused ones are not counted)',
    labelNames: ['state'],
  }),
];
