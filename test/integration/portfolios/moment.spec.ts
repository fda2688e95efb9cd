import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { UsersService } from '#auth';
import { ChangesModule } from '#changes';
import { Database } from '#database';
import { HttpModule } from '#http';
import { PortfoliosModule, QuotesService, SnapshotsService } from '#portfolios';
import { portfoliosConfig } from '#portfolios/config';
import { VENUE_NAMES, VenuesModule } from '#venues';
import { keptContractsMax } from '../../../libs/portfolios/book/kept-portfolios.js';
import { RatesService } from '../../../libs/portfolios/rates/rates.service.js';
import { ValuationMomentsRepository } from '../../../libs/portfolios/rates/valuation-moments.repository.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { followBook } from './book.fixture.js';

const MINUTE = 60_000;
const VENUES = [...VENUE_NAMES, undefined];
/** As much of the heap as 200 contracts take. */
const keptHeapPercent = (100 * 200) / keptContractsMax(100);

describe("the desk's moment", () => {
  let desk: TestModule;
  let userId: string;
  let now = Date.parse('2026-11-02T03:45:30Z');
  let seed = 31;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const valued = async () => {
    const { values } = await desk.get<Counter>(getToken('portfolios_positions_valued_total')).get();
    return values[0]!.value;
  };

  beforeAll(async () => {
    // The task of workers would move the moment to that of the machine.
    desk = await testModule([ChangesModule, HttpModule, PortfoliosModule, VenuesModule], {
      env: { DESKWIRE_ROLE: 'web' },
      internals: [portfoliosConfig.with({ keptHeapPercent })],
    });
    const account = { email: 'trader@example.com', roles: ['trader'], password: 'a password of length' } as const;
    userId = (await desk.get(UsersService).add(account as never)).user.id;
  });
  afterAll(() => desk.close());

  const operator = () =>
    ({ userId, roles: ['operator'], loginId: userId, expiresAt: new Date('2030-01-01'), via: 'login' }) as never;
  const iso = (at: number) => new Date(at).toISOString();

  async function store(id: string, keys: readonly number[], more: object = {}): Promise<void> {
    const positions = keys.map((n) => ({
      ...{ key: `K${n}`, quantity: '2', averagePrice: '1.5', lastPrice: '1.6', previousClose: '1' },
    }));
    const of = { portfolioId: id, userId, broker: 'made', account: id, currency: 'INR', cash: '1', asOf: iso(now) };
    await desk.get(SnapshotsService).put(operator(), { ...of, ...more, positions } as never);
  }
  const quote = (n: number, at: number) =>
    desk
      .get(QuotesService)
      .post([{ broker: 'made', key: `K${n}`, price: `${1 + random(9)}.5`, asOf: iso(at) }] as never);
  const advance = () => desk.get(ValuationMomentsRepository).advance(new Date(now - (now % MINUTE)));

  it('changes what a full valuation at the new moment changes, and nothing else: 80 random steps over a week', async () => {
    for (const [n, venue] of VENUES.entries()) {
      const roll = n % 3 === 0 && { dayRoll: { timeZone: 'America/New_York', at: '17:00' } };
      const keys = [n, n + 1, n + 2, n + 3];
      await store(`p${n}`, keys, {
        ...(venue !== undefined && { venue }),
        ...roll,
        currency: n % 2 === 0 ? 'INR' : 'USD',
      });
    }
    // More contracts than are kept: a portfolio whose positions are not in memory follows the moment as well.
    await store(
      'q0',
      Array.from({ length: 190 }, (_, n) => 1_000 + n),
      { venue: 'CRYPTO' },
    );
    await advance();
    const next = await followBook(desk, [userId]);
    expect((await next())[2]!.hidden).toBe(190);
    for (let step = 0; step < 80; step++) {
      now += [MINUTE, MINUTE, 16 * MINUTE, 95 * MINUTE, 400 * MINUTE][random(5)]! + random(50_000);
      if (random(3) === 0) await quote(random(20), now - [0, 30_000, 14 * MINUTE, 3_600_000][random(4)]!);
      if (random(9) === 0)
        await desk
          .get(RatesService)
          .post([
            { base: 'USD', quote: 'INR', price: `${80 + random(9)}`, asOf: iso(now - random(40) * 3_600_000) },
          ] as never);
      if (random(12) === 0) await store(`p${random(VENUES.length)}`, [random(20), 20 + random(5)], { venue: 'NYSE' });
      await advance();
      await next();
    }
  });

  it('values no position in a minute in which no session ends and no price becomes stale, and those of an ending session', async () => {
    await desk.get(Database).run(`DELETE FROM portfolio_snapshots`);
    now = Date.parse('2026-11-24T12:00:00Z');
    await store('stale', [1, 2, 3], { venue: 'XETR', asOf: iso(now - 3_600_000) });
    await store('fresh', [5, 6], { venue: 'NYSE' });
    await advance();
    const next = await followBook(desk, [userId]);
    const costs: number[] = [];
    for (const minutes of [1, 1, 150, 16, 24 * 60]) {
      now += minutes * MINUTE;
      await advance();
      const before = await valued();
      await next(async () => void costs.push((await valued()) - before));
    }
    // Noon in Berlin: stale already. New York opens at 14:30, so its prices become stale after 14:45; the next day both roll.
    expect(costs).toEqual([0, 0, 0, 2, 5]);
  });
});
