import { UsersService } from '#auth';
import { ChangesModule } from '#changes';
import { Database } from '#database';
import { HttpModule } from '#http';
import { PortfoliosModule, QuotesService, SnapshotsService } from '#portfolios';
import { ValuationMomentsRepository } from '../../../libs/portfolios/rates/valuation-moments.repository.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { followBook } from './book.fixture.js';

describe('the book of a desk with more positions than are kept', () => {
  let desk: TestModule;
  const users: string[] = [];
  let time = Date.parse('2026-11-02T03:45:00Z');
  const now = () => new Date((time += 1_000)).toISOString();

  beforeAll(async () => {
    desk = await testModule([ChangesModule, HttpModule, PortfoliosModule]);
    for (let n = 0; n < 3; n++) {
      const { user } = await desk
        .get(UsersService)
        .add({ email: `trader${n}@example.com`, roles: ['trader'], password: 'a password of length' });
      users.push(user.id);
    }
  });
  afterAll(() => desk.close());

  async function store(id: string, user: number, contracts: number, price: string): Promise<void> {
    const snapshot = {
      ...{ portfolioId: id, userId: users[user], broker: 'made', account: id, asOf: now(), currency: 'INR', cash: '1' },
      positions: Array.from({ length: contracts }, (_, n) => ({
        ...{ key: `K${n}`, quantity: '2', averagePrice: '1.5', lastPrice: price, previousClose: '1' },
      })),
    };
    const principal = {
      userId: users[2]!,
      roles: ['operator'],
      loginId: id,
      expiresAt: new Date('2030-01-01'),
      via: 'login',
    };
    await desk.get(SnapshotsService).put(principal as never, snapshot as never);
  }

  it('is, updated from changes, the same as a reloaded one: portfolios come and go, grow and shrink, change owner and price', async () => {
    let seed = 29;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const next = await followBook(desk, users.slice(0, 2));
    const sizes = [1, 400, 900, 1_300, 2_000];
    const hidden = new Set<boolean>();
    for (let round = 0; round < 24; round++) {
      const id = `p${random(5)}`;
      if (round % 6 === 5) {
        const gone = `WITH gone AS (DELETE FROM portfolio_snapshots WHERE portfolio_id = $1 RETURNING portfolio_id)
          INSERT INTO change_feed (topic, key) SELECT 'portfolios', portfolio_id FROM gone`;
        await desk.get(Database).run(gone, [id]);
      } else if (round % 3 === 2) {
        const quotes = [1, 5, 1_200].map((n) => ({
          broker: 'made',
          key: `K${n}`,
          price: `${1 + random(50)}`,
          asOf: now(),
        }));
        await desk.get(QuotesService).post(quotes as never);
      } else await store(id, random(2), sizes[random(sizes.length)]!, `${1 + random(9)}.5`);
      const views = await next();
      hidden.add(views[3]!.hidden > 0);
    }
    expect(hidden).toEqual(new Set([false, true]));
  });

  it('values portfolios whose positions are not kept by their quotes as well, and counts what it does not show', async () => {
    await desk.get(Database).run(`DELETE FROM portfolio_snapshots`);
    const next = await followBook(desk, users.slice(0, 2));
    await store('a', 0, 1_500, '1');
    await store('b', 0, 1_500, '1');
    await store('c', 0, 10, '1');
    let [portfolios, , , positions] = await next();
    expect(positions!.hidden).toBe(1_500);
    expect([...new Set(positions!.items.map(({ portfolioId }) => portfolioId))]).toEqual(['a', 'c']);
    await desk.get(QuotesService).post([{ broker: 'made', key: 'K1499', price: '11', asOf: now() }] as never);
    [portfolios, , , positions] = await next();
    expect(portfolios!.items.map(({ value }) => value)).toEqual(['3021', '3021', '21']);
    expect(positions!.hidden).toBe(1_500);
  });

  it('follows quotes and the moment for a portfolio that another one has displaced', async () => {
    await desk.get(Database).run(`DELETE FROM portfolio_snapshots`);
    const next = await followBook(desk, users.slice(0, 2));
    await store('b', 0, 1_500, '1');
    await next();
    await desk.get(QuotesService).post([{ broker: 'made', key: 'K7', price: '3', asOf: now() }] as never);
    await next();
    await store('a', 0, 1_900, '1');
    expect((await next())[3]!.hidden).toBe(1_500);
    // Later than the module's own task, which moves it to now.
    await desk.get(ValuationMomentsRepository).advance(new Date(Date.now() + 3 * 86_400_000));
    await next();
    await desk.get(QuotesService).post([{ broker: 'made', key: 'K7', price: '5', asOf: now() }] as never);
    expect((await next())[0]!.items.map(({ value }) => value)).toEqual(['3809', '3009']);
    // Displaced by none: it is kept again.
    await store('a', 0, 10, '1');
    expect((await next())[3]!.hidden).toBe(0);
  });
});
