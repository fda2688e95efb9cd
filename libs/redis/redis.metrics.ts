import { declareMetrics } from '#metrics';

export const REDIS_AVAILABLE = 'redis_available';
export const REDIS_CALL_SECONDS = 'redis_call_duration_seconds';

export const redisMetrics = declareMetrics('redis', {
  [REDIS_AVAILABLE]: {
    type: 'gauge',
    help: 'Whether this process uses Redis: 1, or 0 when it does not answer. No series without REDIS_URL',
  },
  [REDIS_CALL_SECONDS]: {
    type: 'histogram',
    help: 'Duration of the calls of Redis, in seconds',
    buckets: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1],
  },
});
