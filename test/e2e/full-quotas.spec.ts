import { fullDatabase, startDesk, useDesk } from './full-quotas.fixture.js';
import type { TestDatabase } from '../setup/test-database.js';

/** A tenth of the portfolios of the long form. The desk keeps the book in memory, so positions are few. */
const USE = {
  ...{ traders: 2, portfolios: 100, positions: 50, watched: 1_000, rules: 500 },
  ...{ sessions: 20, logins: 20, apiKeys: 20, webhooks: 20, quotes: 10_000, feeds: 10 },
};
const HEAP_MB = 256;

describe('a database in which 2 traders use every quota', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await fullDatabase(USE);
  });
  afterAll(() => database.drop());

  it.each(['2.5', '3.5'])(
    'starts, serves and takes quotes with a small heap, again after a restart (price %s)',
    async (price) => {
      const desk = await startDesk(database, HEAP_MB);
      try {
        await useDesk(desk, USE, price);
      } finally {
        await desk.kill();
      }
    },
  );
});
