import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { UsersService } from '#auth';
import { Changes } from '#changes';
import { dashboardConfig } from '#dashboard';
import { dashboardModule } from '../../../apps/api/panels.js';
import type { Cut } from '../../../libs/dashboard/cuts/cut.js';
import { CutReader } from '../../../libs/dashboard/cuts/cut-reader.service.js';
import type { DashboardConfig } from '../../../libs/dashboard/dashboard.config.js';
import { PanelSet } from '../../../libs/dashboard/cuts/panel-set.js';
import { ValuationMomentsRepository } from '../../../libs/portfolios/rates/valuation-moments.repository.js';
import { Database, Transactions } from '#database';
import { HttpModule } from '#http';
import { InstrumentImporter, InstrumentsService, WatchlistService } from '#instruments';
import { PortfoliosRepository, QuotesService, SnapshotsService } from '#portfolios';
import { SessionsService } from '#sessions';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { bytesOf, contracts, kiteCsv } from '../instruments/masters.fixture.js';

const PORTFOLIOS = 50;
const EACH = 1_000_000;

describe('a cut of the desk', () => {
  let desk: TestModule;
  let reader: CutReader;
  let panels: PanelSet;
  const users: string[] = [];
  let clock = Date.parse('2026-11-02T03:45:00Z');
  const operator = { userId: '', operator: true };
  const principal = (userId: string) => ({
    userId,
    roles: ['operator'] as const,
    loginId: userId,
    expiresAt: new Date('2030-01-01'),
    via: 'login' as const,
  });
  const snapshot = (portfolioId: string, cash: number, userId = users[0]!, positions: object[] = []) =>
    ({
      portfolioId,
      userId,
      broker: 'zerodha',
      account: portfolioId,
      asOf: new Date((clock += 1_000)).toISOString(),
      currency: 'INR',
      cash: cash.toFixed(2),
      positions,
    }) as never;
  const store = (...snapshots: never[]) => desk.get(SnapshotsService).store(principal(users[0]!) as never, snapshots);
  const shown = (cut: Cut, viewer = operator) =>
    Object.fromEntries(
      panels.all.map((panel) => [
        panel.name,
        JSON.parse(JSON.stringify(panel.view(cut.states.get(panel.name)!, viewer))),
      ]),
    );
  const totalOf = (cut: Cut): string => shown(cut)['portfolios'].totals[0].cash;

  beforeAll(async () => {
    // A new moment changes what cuts show, so that two cuts around it differ: none comes by itself.
    desk = await testModule([HttpModule, dashboardModule], { env: { DESKWIRE_ROLE: 'web' } });
    await desk.get(ValuationMomentsRepository).advance(new Date());
    reader = desk.get(CutReader);
    panels = desk.get(PanelSet);
    for (let at = 0; at < 3; at++) {
      const { user } = await desk
        .get(UsersService)
        .add({ email: `trader${at}@example.com`, roles: ['trader'], password: 'a password of length' });
      users.push(user.id);
    }
    await store(
      ...Array.from({ length: PORTFOLIOS }, (_, at) =>
        snapshot(`p${String(at).padStart(2, '0')}`, EACH, users[at % 3]!),
      ),
    );
  });
  afterAll(() => desk.close());

  it('updated from changes equals a reloaded cut, for every kind of write and every viewer', async () => {
    let seed = 5;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const position = () => ({
      key: `K${random(5)}`,
      quantity: String(random(10)),
      averagePrice: '1.5',
      lastPrice: '2.25',
    });
    const writes = [
      () => {
        const at = random(PORTFOLIOS);
        return store(snapshot(`p${String(at).padStart(2, '0')}`, random(5_000), users[at % 3]!));
      },
      () => store(snapshot(`q${random(8)}`, random(5_000), users[random(3)]!, [position()])).catch(() => undefined),
      () => desk.get(PortfoliosRepository).setClosed(`p${String(random(PORTFOLIOS)).padStart(2, '0')}`, random(3) > 0),
      () =>
        desk.get(QuotesService).post([
          {
            broker: 'zerodha',
            key: `K${random(5)}`,
            price: `${random(90)}.5`,
            asOf: new Date((clock += 1_000)).toISOString(),
          },
        ] as never),
      () =>
        desk.get(SessionsService).save(users[random(3)]!, {
          broker: 'zerodha',
          account: `A${random(4)}`,
          accessToken: `token ${random(50)} of some length`,
          loginMethod: 'totp',
          expiresAt: '2030-01-01T00:00:00.000Z',
          details: {},
        } as never),
      () => desk.get(UsersService).change(users[random(3)]!, { displayName: `Trader ${random(9)}` }),
      () =>
        desk
          .get(Database)
          .rows(
            `WITH gone AS (DELETE FROM portfolio_snapshots WHERE portfolio_id = $1 RETURNING portfolio_id) INSERT INTO change_feed (topic, key) SELECT 'portfolios', portfolio_id FROM gone`,
            [`q${random(8)}`],
          ),
    ];
    let cut = await reader.full();
    const marks = [users[0], users[1], users[2]].map((userId) => ({ userId: userId!, operator: false }));
    const kinds = new Set<number>();
    for (let round = 0; round < 60; round++) {
      for (let one = 0; one <= random(3); one++) {
        const kind = random(writes.length);
        kinds.add(kind);
        await writes[kind]!();
      }
      const before = cut;
      const beforeShown = JSON.stringify(shown(before));
      cut = await reader.forward(before);
      const anew = await reader.full();
      for (const viewer of [operator, ...marks]) expect(shown(cut, viewer)).toEqual(shown(anew, viewer));
      expect(cut.states).toEqual(anew.states);
      // Cuts are immutable: an earlier one still has its old content.
      expect(JSON.stringify(shown(before))).toBe(beforeShown);
    }
    expect(kinds.size).toBe(writes.length);
  });

  it('stays the same cut with the same id while none of its panels changes', async () => {
    const cut = await reader.forward(await reader.full());
    expect(await reader.forward(cut)).toBe(cut);
    await desk.get(Database).rows(`INSERT INTO change_feed (topic, key) VALUES ('weather', 'rain')`);
    const next = await reader.forward(cut);
    expect(next.snapshot).toBe(cut.snapshot);
    expect(next.states).toEqual(cut.states);
    expect(next.readUpTo).not.toBe(cut.readUpTo);
  });

  it('keeps the states of unchanged panels', async () => {
    const cut = await reader.full();
    await store(snapshot('p00', EACH, users[0]!));
    await store(snapshot('p00', EACH + 1, users[0]!));
    const next = await reader.forward(cut);
    expect(next.states.get('sessions')).toBe(cut.states.get('sessions'));
    expect(next.states.get('portfolios')).not.toBe(cut.states.get('portfolios'));
  });

  it('is reloaded if the change feed was purged past it', async () => {
    const cut = await reader.full();
    const changes = {
      since: async () => ({ changes: null, stamp: await desk.get(Changes).current() }),
    } as unknown as Changes;
    await store(snapshot('p01', 4_321, users[1]!));
    const next = await readerWith(desk.get(Transactions), changes).forward(cut);
    expect(shown(next)).toEqual(shown(await reader.full()));
  });

  describe('and contracts that are followed', () => {
    const owner = () => ({ userId: users[2]!, operator: false });
    beforeAll(async () => {
      await desk
        .get(InstrumentImporter)
        .import(bytesOf(kiteCsv(contracts(5))), { broker: 'demo-broker', source: 'made', demo: true });
      await desk.get(InstrumentImporter).import(bytesOf(kiteCsv(contracts(3))), { broker: 'zerodha', source: 'real' });
      for (const { id } of await desk.get(Database).rows<{ id: string }>(`SELECT id FROM instruments`))
        await desk.get(WatchlistService).follow(users[2]!, id);
    });

    it.each([
      [
        'a portfolio, which operators see too',
        `UPDATE portfolio_snapshots SET cash = cash + 1 WHERE portfolio_id = 'p02'`,
      ],
      ['a watchlist, which only its owner sees', `UPDATE instruments SET name = name || ' renamed'`],
    ])('shows a write without an entry in the change feed after the recheck: %s', async (_what, write) => {
      const rechecking = readerWith(desk.get(Transactions), desk.get(Changes), { recheckMs: -1 });
      const cut = await rechecking.full();
      expect((await rechecking.forward(cut)).states).toEqual(cut.states);
      const drifts = await drift();
      await desk.get(Database).run(write);
      const next = await rechecking.forward(cut);
      expect(await drift()).toBeGreaterThan(drifts);
      expect(shown(next, owner())).not.toEqual(shown(cut, owner()));
      expect(shown(next, owner())).toEqual(shown(await reader.full(), owner()));
    });

    it('does not show removed demo contracts, neither in the panel nor in watchlists', async () => {
      const cut = await reader.full();
      expect(shown(cut, owner())['instruments']).toMatchObject({ listed: 8, watchlist: { length: 8 } });
      expect(await desk.get(InstrumentsService).removeDemo()).toBe(5);
      const next = await reader.forward(cut);
      expect(shown(next, owner())['instruments']).toMatchObject({ listed: 3, watchlist: { length: 3 } });
      expect(next.states).toEqual((await reader.full()).states);
      const { changes } = await desk.get(Transactions).readSnapshot(() => desk.get(Changes).since(cut.readUpTo));
      expect(changes!.map(({ topic, key }) => [topic, key]).sort()).toEqual([
        ['instruments', expect.any(String)],
        ['watchlist', users[2]],
      ]);
    });
  });

  describe('under writers that move cash between portfolios', () => {
    /** Reads until `enough`. Each writer moves cash among its ten portfolios, so the desk's total never changes. */
    async function whileMoving(read: () => Promise<void>, enough: (moves: number) => boolean): Promise<void> {
      await store(
        ...Array.from({ length: PORTFOLIOS }, (_, at) => snapshot(`m${String(at).padStart(2, '0')}`, EACH, users[0]!)),
      );
      let moves = 0;
      let ended = false;
      const writers = Array.from({ length: 5 }, async (_, writer) => {
        const cash = Array.from({ length: 10 }, () => EACH);
        for (let step = 0; !ended; step++) {
          const from = step % 10;
          const to = (step * 7 + 3) % 10;
          if (from === to) continue;
          const amount = 1 + (step % 997);
          cash[from]! -= amount;
          cash[to]! += amount;
          const name = (at: number) => `m${String(writer * 10 + at).padStart(2, '0')}`;
          await store(snapshot(name(from), cash[from]!), snapshot(name(to), cash[to]!));
          moves++;
        }
      });
      try {
        while (!enough(moves)) await read();
      } finally {
        ended = true;
        await Promise.all(writers);
      }
    }

    it('always shows the exact total', async () => {
      let cut: Cut | undefined;
      let expected: string | undefined;
      let reads = 0;
      const seen = new Set<string>();
      await whileMoving(
        async () => {
          cut = cut === undefined ? await reader.full() : await reader.forward(cut);
          expected ??= totalOf(cut);
          seen.add(totalOf(cut));
          reads++;
        },
        (moves) => reads >= 100 && moves >= 100,
      );
      expect([...seen]).toEqual([expected]);
    });

    it('shows wrong totals at READ COMMITTED (negative control)', async () => {
      const transactions = desk.get(Transactions);
      const weak = {
        cutSnapshot: <T>(work: () => Promise<T>) =>
          transactions.run({ pool: 'cut', isolation: 'READ COMMITTED', readOnly: true }, work),
      };
      const lowered = readerWith(weak as Transactions, desk.get(Changes));
      let cut: Cut | undefined;
      const seen = new Set<string>();
      await whileMoving(
        async () => {
          cut = cut === undefined ? await lowered.full() : await lowered.forward(cut);
          seen.add(totalOf(cut));
        },
        () => seen.size > 1,
      );
    });
  });

  async function drift(): Promise<number> {
    return (await desk.get<Counter>(getToken('dashboard_drift_total')).get()).values[0]!.value;
  }

  function readerWith(
    transactions: Transactions,
    changes: Changes,
    settings: Partial<DashboardConfig> = {},
  ): CutReader {
    const metric = (name: string) => desk.get<never>(getToken(name));
    const config = { ...desk.get<DashboardConfig>(dashboardConfig.token), ...settings };
    const metrics = ['dashboard_cut_duration_seconds', 'dashboard_cuts_total', 'dashboard_drift_total'] as const;
    const [duration, cuts, drifts] = [metric(metrics[0]), metric(metrics[1]), metric(metrics[2])];
    return new CutReader(config, changes, transactions, panels, duration, cuts, drifts);
  }
});
