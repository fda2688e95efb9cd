import { buildIfStale } from '../setup/build-if-stale.js';
import { killBoth, KilledDesk } from './killed-desk.fixture.js';

describe('a desk under quotes over REST and sockets', () => {
  const desk = new KilledDesk();

  beforeAll(buildIfStale);
  afterAll(() => desk.remove());

  it('has every acknowledged quote and the panels of a fresh desk after PostgreSQL and it were killed (kill -9)', () =>
    killBoth(desk, 1));
});
