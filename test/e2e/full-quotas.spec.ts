import { itServesFullQuotas } from './full-quotas.fixture.js';
import type { QuotaUse } from './quota-use.fixture.js';

/** 60,000 positions are more than the heap below can hold. Each trader has the 20,000 that are allowed. */
const USE: QuotaUse = {
  ...{ traders: 3, portfolios: 10, positions: 2_000, watched: 1_000, rules: 500 },
  ...{ sessions: 20, logins: 20, apiKeys: 20, webhooks: 20, quotes: 10_000, feeds: 10, operatorPortfolios: 200 },
};

describe('a database in which 3 traders use every quota', () => itServesFullQuotas(USE, 128, 'short'));
