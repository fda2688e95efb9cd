import { fullDatabase, startDesk, useDesk } from './full-quotas.fixture.js';
import type { TestDatabase } from '../setup/test-database.js';

/** 60,000 positions are more than the heap below can hold. */
const USE = {
  ...{ traders: 2, portfolios: 15, positions: 2_000, watched: 1_000, rules: 500 },
  ...{ sessions: 20, logins: 20, apiKeys: 20, webhooks: 20, quotes: 10_000, feeds: 10 },
};
const HEAP_MB = 128;

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
