import { jest } from '@jest/globals';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { UsersService } from '#auth';
import { ChangesModule } from '#changes';
import { Database, Transactions } from '#database';
import { HttpModule } from '#http';
import {
  PortfoliosModule,
  PortfoliosPanel,
  PortfoliosRepository,
  PositionsPanel,
  QuotesService,
  SnapshotsService,
} from '#portfolios';
import { portfoliosConfig } from '#portfolios/config';
import { keptContractsMax } from '../../../libs/portfolios/book/kept-portfolios.js';
import { RatesService } from '../../../libs/portfolios/rates/rates.service.js';
import { ValuationMomentsRepository } from '../../../libs/portfolios/rates/valuation-moments.repository.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { followBook } from './book.fixture.js';

/** Checks a book in parts, as cuts do. @returns the parts that differ, before and after a write that is not in the change feed */
async function driftsFound(desk: TestModule, userId: string): Promise<number[]> {
  const panels = [desk.get(PortfoliosPanel), desk.get(PositionsPanel)] as const;
  return desk.get(Transactions).atomic(async () => {
    const states = new Map<string, never>();
    for (const panel of panels) states.set(panel.name, (await panel.load(undefined, undefined, states)) as never);
    const differing = async () => {
      const parts = panels[0].partsOf(states.get('portfolios')!);
      expect([parts, panels[1].partsOf(states.get('positions')!)]).toEqual([3, 3]);
      let count = 0;
      for (let part = 0; part < parts; part++) {
        const current = [];
        for (const panel of panels) current.push(await panel.isCurrent(states.get(panel.name)!, states, part));
        if (current.includes(false)) count += 1;
        expect(current[0]).toBe(current[1]);
      }
      return count;
    };
    const before = await differing();
    const write = `UPDATE portfolio_snapshots SET positions = jsonb_set(positions, '{0,quantity}', '"3"') WHERE portfolio_id = 'p199' AND user_id = $1`;
    await desk.get(Database).run(write, [userId]);
    return [before, await differing()];
  });
}

/** As much of the heap as 200 contracts take. */
const keptHeapPercent = (100 * 200) / keptContractsMax(100);

describe('the book of a desk with more positions than are kept', () => {
  let desk: TestModule;
  const users: string[] = [];
  let time = Date.parse('2026-11-02T03:45:00Z');
  const now = () => new Date((time += 1_000)).toISOString();

  beforeAll(async () => {
    const internals = [portfoliosConfig.with({ keptHeapPercent })];
    desk = await testModule([ChangesModule, HttpModule, PortfoliosModule], {
      env: { DESKWIRE_ROLE: 'web', PORTFOLIOS_BASE_CURRENCY: 'USD' },
      internals,
    });
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
    const sizes = [1, 40, 90, 130, 200];
    const hidden = new Set<boolean>();
    for (let round = 0; round < 24; round++) {
      const id = `p${random(5)}`;
      if (round % 6 === 5) {
        const gone = `WITH gone AS (DELETE FROM portfolio_snapshots WHERE portfolio_id = $1 RETURNING portfolio_id)
          INSERT INTO change_feed (topic, key) SELECT 'portfolios', portfolio_id FROM gone`;
        await desk.get(Database).run(gone, [id]);
      } else if (round % 3 === 2) {
        const quotes = [1, 5, 120].map((n) => ({
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
    await store('a', 0, 150, '1');
    await store('b', 0, 1_500, '1');
    await store('c', 0, 10, '1');
    let [portfolios, , , positions] = await next();
    expect(positions!.hidden).toBe(1_500);
    expect([...new Set(positions!.items.map(({ portfolioId }) => portfolioId))]).toEqual(['a', 'c']);
    await desk.get(QuotesService).post([{ broker: 'made', key: 'K149', price: '11', asOf: now() }] as never);
    [portfolios, , , positions] = await next();
    expect(portfolios!.items.map(({ value }) => value)).toEqual(['321', '3021', '21']);
    expect(positions!.hidden).toBe(1_500);
  });

  it('follows quotes and the moment for a portfolio that another one has displaced', async () => {
    await desk.get(Database).run(`DELETE FROM portfolio_snapshots`);
    const next = await followBook(desk, users.slice(0, 2));
    await store('b', 0, 150, '1');
    await next();
    await desk.get(QuotesService).post([{ broker: 'made', key: 'K7', price: '3', asOf: now() }] as never);
    await next();
    await store('a', 0, 190, '1');
    expect((await next())[3]!.hidden).toBe(150);
    // Later than the module's own task, which moves it to now.
    await desk.get(ValuationMomentsRepository).advance(new Date(Date.now() + 3 * 86_400_000));
    await next();
    await desk.get(QuotesService).post([{ broker: 'made', key: 'K7', price: '5', asOf: now() }] as never);
    expect((await next())[0]!.items.map(({ value }) => value)).toEqual(['389', '309']);
    // Displaced by none: it is kept again.
    await store('a', 0, 10, '1');
    expect((await next())[3]!.hidden).toBe(0);
  });

  it('converts the total again by a rate that changes no portfolio', async () => {
    await desk.get(Database).run(`DELETE FROM portfolio_snapshots`);
    const next = await followBook(desk, users.slice(0, 2));
    await store('a', 0, 1, '1');
    const totals: unknown[] = [];
    for (const [n, price] of ['100', '50'].entries()) {
      // A rate of five days before the desk's moment counts as none.
      const asOf = new Date(Date.now() - 10_000 + n).toISOString();
      await desk.get(RatesService).post([{ base: 'USD', quote: 'INR', price, asOf }] as never);
      const [portfolios] = await next();
      totals.push([portfolios!.items.map(({ value }) => value), portfolios!.base?.value]);
    }
    expect(totals).toEqual([
      [['3'], '0.03'],
      [['3'], '0.06'],
    ]);
  });

  it('shares what is kept among owners: one with many positions does not take the place of others', async () => {
    await desk.get(Database).run(`DELETE FROM portfolio_snapshots`);
    const next = await followBook(desk, users.slice(0, 2));
    for (const id of ['a', 'b', 'c', 'd']) await store(id, 0, 50, '1');
    expect((await next())[3]!.hidden).toBe(0);
    await store('e', 1, 90, '1');
    const [, , , all, first, second] = await next();
    // 200 for 200 and 90: the second owner has less than half, the first has 100 of the rest.
    expect([all!.hidden, first!.hidden, second!.hidden]).toEqual([100, 100, 0]);
    await desk.get(QuotesService).post([{ broker: 'made', key: 'K49', price: '7', asOf: now() }] as never);
    await next();
    await store('e', 1, 0, '1');
    expect((await next())[3]!.hidden).toBe(0);
  });
});

describe('an owner with many quoted portfolios', () => {
  it('costs a cut the positions in the contracts that were quoted, and no portfolio is read', async () => {
    const desk = await testModule([ChangesModule, HttpModule, PortfoliosModule], { env: { DESKWIRE_ROLE: 'web' } });
    try {
      const { user } = await desk
        .get(UsersService)
        .add({ email: 'operator@example.com', roles: ['operator'], password: 'a password of length' });
      const [portfolios, positions] = [200, 10];
      // 2,000 positions in three parts: the portfolios hold the same ten, and each one of its own.
      await desk.get(Database).run(
        `INSERT INTO portfolio_snapshots (portfolio_id, user_id, broker, account, currency, cash, as_of, content_digest, positions, position_keys, position_count)
         SELECT 'p' || p, $1, 'made', 'A' || p, 'INR', 1, '2026-11-02T03:45:00Z', '\\x00', jsonb_agg(jsonb_build_object(
                  'key', key, 'quantity', '2', 'averagePrice', '1.5', 'lastPrice', '1', 'previousClose', '1')), array_agg(key), $3
           FROM generate_series(1, $2::int) p,
                LATERAL (SELECT CASE n WHEN 1 THEN 'OWN' || p ELSE 'K' || n END AS key FROM generate_series(1, $3::int) n) keys
          GROUP BY p`,
        [user.id, portfolios, positions],
      );
      const valued = async () => {
        const { values } = await desk.get<Counter>(getToken('portfolios_positions_valued_total')).get();
        return values.reduce((sum, { value }) => sum + value, 0);
      };
      await desk.get(ValuationMomentsRepository).advance(new Date());
      const next = await followBook(desk, [user.id]);
      const rows = jest.spyOn(desk.get(PortfoliosRepository), 'rows');
      const costs: number[][] = [];
      for (const [n, key] of ['OWN7', 'OWN7', 'OWN199', 'K3'].entries()) {
        const asOf = new Date(Date.parse('2026-11-02T04:00:00Z') + n * 1_000).toISOString();
        await desk.get(QuotesService).post([{ broker: 'made', key, price: `${n + 2}`, asOf }] as never);
        const before = [await valued(), rows.mock.calls.length] as const;
        const views = await next(async () => {
          costs.push([(await valued()) - before[0], rows.mock.calls.length - before[1]]);
        });
        expect(views[3]!.hidden).toBe(0);
      }
      expect(await driftsFound(desk, user.id)).toEqual([0, 1]);
      expect(costs).toEqual([
        [1, 0],
        [1, 0],
        [1, 0],
        [portfolios, 0],
      ]);
    } finally {
      jest.restoreAllMocks();
      await desk.close();
    }
  });
});
