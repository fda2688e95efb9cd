import { feedsConfig } from '#feeds/config';
import { webhooksConfig } from '#webhooks/config';
import { itShowsFaultsInExpressions } from './watched-desk.fixture.js';

itShowsFaultsInExpressions('a desk that a real Prometheus scrapes every second', {
  scrapeEvery: '1s',
  env: { ALERT_CONSECUTIVE_EMPTY_CYCLES: '2' },
  internals: [
    feedsConfig.with({ pollMs: 200, watchMs: 200 }),
    webhooksConfig.with({ timeoutMs: 500, minTimeoutMs: 500 }),
  ],
});
