import { buildIfStale } from '../setup/build-if-stale.js';
import { killBoth, KilledDesk } from '../e2e/killed-desk.fixture.js';

const ROUNDS = 5;
const LIMIT_MS = 1_200_000;

describe('a desk under quotes over REST and sockets', () => {
  const desks = [new KilledDesk(), new KilledDesk()] as const;

  beforeAll(buildIfStale);
  afterAll(() => desks.forEach((desk) => desk.remove()));

  it(
    `has every acknowledged quote and the panels of a fresh desk after each of ${ROUNDS} rounds of kills`,
    () => killBoth(desks[0], ROUNDS),
    LIMIT_MS,
  );

  it(
    'loses acknowledged quotes if PostgreSQL may acknowledge commits before they are on disk',
    async () => {
      await desks[1].start();
      await desks[1].loseCommits();
      let lost: string[] = [];
      for (let round = 0; round < ROUNDS && lost.length === 0; round++) {
        await desks[1].underQuotes(() => desks[1].killDatabase(), true);
        lost = await desks[1].lost();
      }
      expect(lost).not.toEqual([]);
    },
    LIMIT_MS,
  );
});
