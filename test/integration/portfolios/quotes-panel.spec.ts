import { UsersService } from '#auth';
import { ChangesModule, Changes } from '#changes';
import { Database, Transactions } from '#database';
import { HttpModule } from '#http';
import { InstrumentImporter, WatchlistService } from '#instruments';
import { PortfoliosModule, QuotesPanel, QuotesRepository, QuotesService } from '#portfolios';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { bytesOf, contracts, kiteCsv } from '../instruments/masters.fixture.js';

describe('the quotes panel', () => {
  let desk: TestModule;
  let panel: QuotesPanel;
  const users: string[] = [];
  let contract: { id: string; key: string }[];
  let time = Date.parse('2026-11-02T03:45:00Z');

  beforeAll(async () => {
    desk = await testModule([ChangesModule, HttpModule, PortfoliosModule]);
    panel = desk.get(QuotesPanel);
    await desk.get(InstrumentImporter).import(bytesOf(kiteCsv(contracts(20))), { broker: 'zerodha', source: 'made' });
    contract = await desk.get(Database).rows(`SELECT id, instrument_key AS key FROM instruments ORDER BY id`);
    for (let n = 0; n < 2; n++) {
      const { user } = await desk
        .get(UsersService)
        .add({ email: `trader${n}@example.com`, roles: ['trader'], password: 'a password of length' });
      users.push(user.id);
    }
  });
  afterAll(() => desk.close());

  const quote = (key: string, price: string) =>
    desk
      .get(QuotesService)
      .post([{ broker: 'zerodha', key, price, asOf: new Date((time += 1_000)).toISOString() }] as never);

  /** Loads the panel from the changes since the last load, as a cut does, and compares it with a reloaded one. */
  async function reader() {
    // Changes, stamp and both states are of one snapshot, as in a cut.
    const inSnapshot = <T>(work: () => Promise<T>) => desk.get(Transactions).readSnapshot(work);
    let [seen, state] = await inSnapshot(
      async () => [await desk.get(Changes).current(), await panel.load(undefined, undefined)] as const,
    );
    return () =>
      inSnapshot(async () => {
        const { changes, stamp } = await desk.get(Changes).since(seen);
        seen = stamp;
        const topics = new Map<string, Set<string>>();
        for (const { topic, key } of changes!)
          if ((panel.topics as readonly string[]).includes(topic))
            topics.set(topic, (topics.get(topic) ?? new Set()).add(key));
        if (topics.size > 0) state = await panel.load(topics, state);
        expect(state).toEqual(await panel.load(undefined, undefined));
      });
  }

  it('updated from changed keys equals a reloaded one, for quotes, watchlists and imports', async () => {
    let seed = 3;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const any = () => contract[random(contract.length)]!;
    const user = () => users[random(2)]!;
    const writes = [
      () => quote(any().key, `${1 + random(90)}.5`),
      () => quote(`unlisted ${random(3)}`, '1'),
      () => desk.get(WatchlistService).follow(user(), any().id),
      () => desk.get(WatchlistService).unfollow(user(), any().id),
      () => desk.get(QuotesRepository).removeBroker('zerodha'),
      () =>
        desk
          .get(InstrumentImporter)
          .import(bytesOf(kiteCsv(contracts(14 + random(7)))), { broker: 'zerodha', source: 'made', force: true }),
    ];
    const next = await reader();
    for (let round = 0; round < 60; round++) {
      await writes[round % 11 === 0 ? 4 : round % 13 === 0 ? 5 : random(4)]!();
      await next();
    }
  });

  it('shows a viewer their watchlist, or the named contracts in the order given, with the latest quotes', async () => {
    const [first, second, third, never] = contract;
    await desk.get(Database).run(`DELETE FROM instrument_registry`);
    await desk.get(QuotesRepository).removeBroker('zerodha');
    for (const { id } of [second!, first!]) await desk.get(WatchlistService).follow(users[0]!, id);
    await quote(first!.key, '101.5');
    await quote(third!.key, '103');
    const state = await desk.get(Transactions).readSnapshot(() => panel.load(undefined, undefined));
    const shown = (parameters: object, userId = users[0]!) => {
      const viewer = { userId, operator: false };
      const { rows, rest } = panel.window(state, viewer, panel.parameters.parse(parameters) as never);
      return [rows.map(({ instrumentId, price }) => [instrumentId, price]), rest];
    };
    const watched = [
      [first!.id, '101.5'],
      [second!.id, null],
    ].sort();
    expect(shown({})).toEqual([watched, { total: 2 }]);
    expect(shown({ limit: 1 })).toEqual([[watched[0]], { total: 2 }]);
    expect(shown({}, users[1])).toEqual([[], { total: 0 }]);
    // A contract that has no quote and that nobody watches is shown without a price.
    expect(shown({ instrumentIds: [third!.id, never!.id, first!.id] })).toEqual([
      [
        [third!.id, '103'],
        [never!.id, null],
        [first!.id, '101.5'],
      ],
      { total: 3 },
    ]);
    const rowOf = async () => {
      const later = await desk.get(Transactions).readSnapshot(() => panel.load(undefined, undefined));
      const parameters = panel.parameters.parse({ instrumentIds: [never!.id] });
      const { rows } = panel.window(later, { userId: users[0]!, operator: false }, parameters as never);
      expect(() =>
        panel.windowSchema.parse({ order: [never!.id], rows: { [never!.id]: rows[0] }, total: 1 }),
      ).not.toThrow();
      return rows[0]!;
    };
    const row = await rowOf();
    expect(row).toBe(await rowOf());
    expect(Object.entries(row).filter(([, value]) => value !== null)).toEqual([['instrumentId', never!.id]]);
    await quote(never!.key, '7');
    expect(await rowOf()).toMatchObject({ key: never!.key, price: '7' });
    expect(panel.parameters.safeParse({ instrumentIds: [], watchlist: true }).error!.issues[0]!.message).toBe(
      'instrumentIds or watchlist, not both',
    );
  });
});
