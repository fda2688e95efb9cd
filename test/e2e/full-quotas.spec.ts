import { itServesFullQuotas, type QuotaUse } from './full-quotas.fixture.js';

/** 60,000 positions are more than the heap below can hold. */
const USE: QuotaUse = {
  ...{ traders: 2, portfolios: 15, positions: 2_000, watched: 1_000, rules: 500 },
  ...{ sessions: 20, logins: 20, apiKeys: 20, webhooks: 20, quotes: 10_000, feeds: 10 },
};

describe('a database in which 2 traders use every quota', () => itServesFullQuotas(USE, 128));
