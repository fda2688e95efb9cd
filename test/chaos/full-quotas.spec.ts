import { fullDatabase, startDesk, useDesk } from '../e2e/full-quotas.fixture.js';
import type { TestDatabase } from '../setup/test-database.js';

/**
 * The defaults of the quotas, used by 20 traders, except the positions of a portfolio (2,000): valuing 20 million of them takes
 * minutes, and the desk values all once a minute. It keeps 2,000 of each owner in memory.
 */
const USE = {
  ...{ traders: 20, portfolios: 500, positions: 20, watched: 1_000, rules: 500 },
  ...{ sessions: 20, logins: 20, apiKeys: 20, webhooks: 20, quotes: 500_000, feeds: 100 },
};
const HEAP_MB = 512;

describe('a database in which 20 traders use every quota', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await fullDatabase(USE);
  }, 600_000);
  afterAll(() => database.drop());

  it.each(['2.5', '3.5'])(
    'starts, serves and takes quotes with a heap of 512 MB, again after a restart (price %s)',
    async (price) => {
      const desk = await startDesk(database, HEAP_MB);
      try {
        await useDesk(desk, USE, price);
      } finally {
        await desk.kill();
      }
    },
    600_000,
  );
});
