import { itServesFullQuotas, type QuotaUse } from '../e2e/full-quotas.fixture.js';

const OTHERS = { watched: 1_000, rules: 500, sessions: 20, logins: 20, apiKeys: 20, webhooks: 20 };
/** The defaults of the quotas, used by 20 traders with 20,000 positions each. */
const TRADERS: QuotaUse = {
  ...{ traders: 20, portfolios: 500, positions: 40, operatorPortfolios: 100 },
  ...{ ...OTHERS, quotes: 500_000, feeds: 100 },
};
/** Those of an operator, with 100,000 positions. */
const OPERATOR: QuotaUse = {
  ...{ traders: 2, portfolios: 10, positions: 2_000, operatorPortfolios: 10_000 },
  ...{ ...OTHERS, quotes: 10_000, feeds: 10 },
};

describe('a database in which 20 traders use every quota', () => itServesFullQuotas(TRADERS, 512));
describe('a database in which an operator has 10,000 portfolios', () => itServesFullQuotas(OPERATOR, 512));
