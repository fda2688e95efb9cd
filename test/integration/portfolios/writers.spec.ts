import type { Principal } from '#auth';
import { Database, Transactions } from '#database';
import { PortfoliosModule, PortfoliosRepository, QuotesService, SnapshotsService } from '#portfolios';
import { PortfoliosService } from '../../../libs/portfolios/portfolios.service.js';
import { testModule } from '../../setup/test-module.js';
import { eventually } from '../../setup/eventually.js';
import { at, exact, member, position, snapshot } from './desk.fixture.js';

/** Pseudo-random numbers, the same on every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % below;
}
const shuffled = <T>(items: readonly T[], roll: (below: number) => number): T[] => {
  const rest = [...items];
  return items.map(() => rest.splice(roll(rest.length), 1)[0]!);
};

describe('concurrent writers of portfolios', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let snapshots: SnapshotsService;
  let quotes: QuotesService;
  let portfolios: PortfoliosRepository;
  let database: Database;
  let trader: Principal;

  beforeAll(async () => {
    module = await testModule([PortfoliosModule]);
    snapshots = module.get(SnapshotsService);
    quotes = module.get(QuotesService);
    portfolios = module.get(PortfoliosRepository);
    database = module.get(Database);
    trader = await member(database, 'trader');
  });
  afterAll(() => module.close());
  beforeEach(() =>
    database.run('TRUNCATE portfolio_snapshots, portfolio_history, quotes, change_feed, trading_events'),
  );
  const deadlocks = async () =>
    Number(
      (
        await database.rows<{ n: string }>(
          'SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()',
        )
      )[0]!.n,
    );

  it('of 100 concurrent snapshots in any order the newest is kept, and each answer says whether it was stored', async () => {
    const times = shuffled(
      Array.from({ length: 100 }, (_, second) => second),
      dice(7),
    );
    const answers = await Promise.all(
      times.map((second) => snapshots.store(trader, [snapshot('p', second, { cash: String(second) })])),
    );
    expect((await portfolios.find('p'))!.cash).toBe('99');
    const stored = answers.filter(([answer]) => answer!.status === 'stored').length;
    expect(await database.rows('SELECT FROM portfolio_history')).toHaveLength(stored);
    expect(answers[times.indexOf(99)]![0]!.status).toBe('stored');
  });

  it('a snapshot that waits for the closing of its portfolio is refused', async () => {
    await snapshots.store(trader, [snapshot('p', 0)]);
    const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const closing = module.get(Transactions).atomic(async () => {
      await portfolios.setClosed('p', true);
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const put = snapshots.store(trader, [snapshot('p', 1)]);
    await eventually(async () =>
      expect(
        await database.rows(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        ),
      ).toHaveLength(1),
    );
    release.resolve();
    await closing;
    expect(await put).toMatchObject([{ status: 'refused', code: 'PORTFOLIOS_CLOSED' }]);
    expect((await portfolios.find('p'))!.asOf).toBe(exact(0));
  });

  it('snapshots and quotes in opposite orders never deadlock, and every position gets the newest price', async () => {
    const [ids, keys] = [Array.from({ length: 20 }, (_, n) => `p${n}`), Array.from({ length: 10 }, (_, n) => `K${n}`)];
    const roll = dice(11);
    const before = await deadlocks();
    const book = (second: number) =>
      shuffled(ids, roll).map((id) => snapshot(id, second, { positions: keys.map((key) => position(key, '1', '1')) }));
    const prices = (second: number) =>
      shuffled(keys, roll).map((key) => ({ broker: 'zerodha', key, price: String(1000 + second), asOf: at(second) }));
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => (n % 2 ? snapshots.store(trader, book(n)) : quotes.post(prices(n + 100)))),
    );
    expect(await deadlocks()).toBe(before);
    // The last quotes (138) are newer than every snapshot, so all positions must have them whoever came first.
    const { items } = await module.get(PortfoliosService).list(trader, { sort: 'portfolioId', limit: 100 });
    for (const summary of items) expect(summary.value).toBe(String(1000 + 10 * 1138));
  });

  it('a snapshot and a newer quote written at the same moment always leave the price of the quote', async () => {
    for (let round = 0; round < 30; round++) {
      const position1 = position(`R${round}`, '1', '1');
      await Promise.all([
        snapshots.store(trader, [snapshot(`r${round}`, 1, { cash: '0', positions: [position1] })]),
        quotes.post([{ broker: 'zerodha', key: `R${round}`, price: '500', asOf: at(2) }]),
      ]);
      expect((await module.get(PortfoliosService).find(trader, `r${round}`)).value).toBe('500');
    }
  });

  it('a reader sees all moves of cash of one bulk or none', async () => {
    const ids = Array.from({ length: 10 }, (_, n) => `m${n}`);
    const cash = ids.map(() => 100);
    const book = (second: number) => ids.map((id, n) => snapshot(id, second, { cash: String(cash[n]) }));
    await snapshots.store(trader, book(0));
    const [transactions, roll] = [module.get(Transactions), dice(3)];
    let writing = true;
    const totals = new Set<string>();
    const reader = (async () => {
      while (writing) {
        await transactions.readSnapshot(async () => {
          for (let reads = 0; reads < 2; reads++) {
            const [row] = await database.rows<{ total: string }>('SELECT sum(cash) AS total FROM portfolio_snapshots');
            totals.add(row!.total);
          }
        });
      }
    })();
    for (let second = 1; second <= 100; second++) {
      const [from, to, amount] = [roll(10), roll(10), roll(50)];
      cash[from]! -= amount;
      cash[to]! += amount;
      await snapshots.store(trader, book(second));
    }
    writing = false;
    await reader;
    expect([...totals]).toEqual(['1000']);
  });
});
