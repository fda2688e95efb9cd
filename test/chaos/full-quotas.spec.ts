import { itServesFullQuotas } from '../e2e/full-quotas.fixture.js';
import type { QuotaUse } from '../e2e/quota-use.fixture.js';

const OTHERS = { watched: 1_000, rules: 500, sessions: 20, logins: 20, apiKeys: 20, webhooks: 20 };
/** The defaults of the quotas, used by 20 traders with 10,000 positions each and by an operator with 100,000. */
const EVERYBODY: QuotaUse = {
  ...{ traders: 20, portfolios: 500, positions: 20, operatorPortfolios: 10_000 },
  ...{ ...OTHERS, quotes: 500_000, feeds: 100 },
};

describe('a database in which 20 traders use every quota and an operator has 10,000 portfolios', () =>
  itServesFullQuotas(EVERYBODY, 512, 'long'));
