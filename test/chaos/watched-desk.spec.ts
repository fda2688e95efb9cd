import { redisConfig } from '#redis/config';
import { itShowsFaultsInExpressions } from '../e2e/watched-desk.fixture.js';

// The settings of a desk in use. Those of other tests wait a minute for Redis.
itShowsFaultsInExpressions('a desk that a real Prometheus scrapes every 5 s', {
  scrapeEvery: '5s',
  internals: [redisConfig.with({ timeoutMs: 50, connectTimeoutMs: 1_000 })],
});
