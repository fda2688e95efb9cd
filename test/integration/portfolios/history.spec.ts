import type { Principal } from '#auth';
import { Database } from '#database';
import { PortfoliosModule, PortfoliosRepository, SnapshotsService } from '#portfolios';
import { PortfolioPartitions } from '../../../libs/portfolios/history/portfolio-partitions.js';
import type { ListPortfolios } from '../../../libs/portfolios/portfolio.dto.js';
import { PortfoliosService } from '../../../libs/portfolios/portfolios.service.js';
import { testModule } from '../../setup/test-module.js';
import { at, member, refusal, snapshot } from './desk.fixture.js';

describe('reading portfolios', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let service: PortfoliosService;
  let database: Database;
  let [trader, other, operator] = [] as unknown as [Principal, Principal, Principal];
  const byId = { sort: 'portfolioId' } as const;
  const range = { from: at(0), to: at(599) };

  beforeAll(async () => {
    module = await testModule([PortfoliosModule]);
    service = module.get(PortfoliosService);
    database = module.get(Database);
    [trader, other, operator] = [
      await member(database, 'trader'),
      await member(database, 'trader'),
      await member(database, 'operator'),
    ];
    const store = (principal: Principal, ...items: ReturnType<typeof snapshot>[]) =>
      module.get(SnapshotsService).store(principal, items);
    await store(trader, ...['a', 'b', 'C'].map((id) => snapshot(id, 0)));
    await store(other, snapshot('d', 0, { broker: 'upstox' }));
    for (const second of [10, 59, 60, 200, 301]) await store(trader, snapshot('a', second, { cash: String(second) }));
  });
  afterAll(() => module.close());

  it('a history shows the last value of each step and leaves empty steps out', async () => {
    const { points } = await service.history(trader, 'a', { ...range, step: '1m' });
    expect(points.map(({ at, asOf, value }) => [at, asOf, value])).toEqual([
      [at(0), at(59), '59'],
      [at(60), at(60), '60'],
      [at(180), at(200), '200'],
      [at(300), at(301), '301'],
    ]);
  });

  it('a history includes both ends of its range and nothing outside of it', async () => {
    const { points } = await service.history(trader, 'a', { from: at(10), to: at(200), step: '5m' });
    expect(points.map(({ asOf }) => asOf)).toEqual([at(200)]);
    expect((await service.history(trader, 'a', { from: at(11), to: at(58), step: '1s' })).points).toEqual([]);
  });

  it('a history without a given step has at most as many points as a chart shows', async () => {
    expect((await service.history(trader, 'a', range)).step).toBe('1s');
    expect((await service.history(trader, 'a', { to: range.to })).step).toBe('1m');
  });

  it('a history with too many points is refused, naming a step that fits', async () => {
    expect(
      await refusal(service.history(trader, 'a', { from: '2026-01-01T00:00:00Z', to: range.to, step: '1s' })),
    ).toBe('REQUEST_INVALID step');
    expect(await refusal(service.history(trader, 'a', { from: range.to, to: range.from }))).toBe(
      'REQUEST_INVALID from',
    );
  });

  it("another user's portfolio is not found", async () => {
    expect(await refusal(service.find(other, 'a'))).toBe('PORTFOLIOS_NOT_FOUND');
    expect(await refusal(service.history(other, 'a', range))).toBe('PORTFOLIOS_NOT_FOUND');
    expect(await service.list(other, { ...byId, limit: 100, userId: [trader.userId] })).toEqual({
      items: [],
      nextCursor: null,
    });
    expect((await service.list(other, { ...byId, limit: 100 })).items.map(({ portfolioId }) => portfolioId)).toEqual([
      'd',
    ]);
    expect((await service.find(operator, 'a')).userId).toBe(trader.userId);
  });

  it('a list pages through each portfolio once, and operators filter it', async () => {
    const seen: string[] = [];
    let cursor: ListPortfolios['cursor'];
    do {
      const page = await service.list(operator, { ...byId, limit: 2, cursor });
      seen.push(...page.items.map(({ portfolioId }) => portfolioId));
      cursor = page.nextCursor === null ? undefined : ['portfolioId', '', page.items.at(-1)!.portfolioId];
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(['C', 'a', 'b', 'd']);
    expect((await service.list(operator, { ...byId, limit: 10, broker: ['upstox'] })).items).toHaveLength(1);
    expect((await service.list(operator, { ...byId, limit: 10, userId: [trader.userId] })).items).toHaveLength(3);
  });

  it('rows for a cut are of all portfolios or of the named ones, sorted by id', async () => {
    const all = await module.get(PortfoliosRepository).rows();
    expect(all.map(({ portfolioId }) => portfolioId)).toEqual(['C', 'a', 'b', 'd']);
    expect(await module.get(PortfoliosRepository).rows({ ids: ['b', 'nope'] })).toHaveLength(1);
  });

  it('a new monthly partition takes the points of its month and loses none', async () => {
    const before = await service.history(trader, 'a', { ...range, step: '1s' });
    await module.get(PortfolioPartitions).ensure(new Date('2026-08-20T00:00:00Z'));
    expect(await database.rows('SELECT FROM portfolio_history_2026_08')).toHaveLength(9);
    expect(await service.history(trader, 'a', { ...range, step: '1s' })).toEqual(before);
  });

  it("removing a user's portfolios removes their history and appends to the change feed", async () => {
    await database.run('DELETE FROM change_feed');
    expect(await module.get(PortfoliosRepository).removeOfUsers([trader.userId])).toBe(3);
    expect(await database.rows('SELECT portfolio_id FROM portfolio_history')).toEqual([{ portfolio_id: 'd' }]);
    expect(
      (await database.rows<{ key: string }>(`SELECT key FROM change_feed WHERE topic <> 'moment'`))
        .map(({ key }) => key)
        .sort(),
    ).toEqual(['C', 'a', 'b']);
  });
});
