import { itServesFullQuotas, type QuotaUse } from '../e2e/full-quotas.fixture.js';

/**
 * The defaults of the quotas, used by 20 traders, except the positions of a portfolio (2,000): valuing 20 million of them takes
 * minutes, and the desk values all once a minute. It keeps 2,000 of each owner in memory.
 */
const USE: QuotaUse = {
  ...{ traders: 20, portfolios: 500, positions: 20, watched: 1_000, rules: 500 },
  ...{ sessions: 20, logins: 20, apiKeys: 20, webhooks: 20, quotes: 500_000, feeds: 100 },
};

describe('a database in which 20 traders use every quota', () => itServesFullQuotas(USE, 512));
