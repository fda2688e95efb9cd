import { Database } from '#database';
import {
  InstrumentImporter,
  InstrumentsModule,
  InstrumentsRepository,
  ImportsService,
  WatchlistService,
} from '#instruments';
import { type TestModule, testModule } from '../../setup/test-module.js';
import { VirtualClock } from '../../setup/virtual-clock.js';
import { bytesOf, contracts, kiteCsv, type MadeContract } from './masters.fixture.js';

const MORNING = '2026-08-17T06:00:00Z';

describe('imports', () => {
  let desk: TestModule;
  let database: Database;
  let userId: string;
  const clock = new VirtualClock(MORNING);

  const load = (rows: readonly MadeContract[], broker = 'zerodha') =>
    desk.get(InstrumentImporter).import(bytesOf(kiteCsv(rows)), { broker, source: 'made', force: true });
  const rollbackTo = ({ importId }: { importId: string }) => desk.get(ImportsService).rollbackTo(importId);
  /** All columns of the listed contracts except their last update. */
  const state = () =>
    database.rows(
      `SELECT to_jsonb(i) - 'updated_at' AS row FROM instruments i WHERE delisted_at IS NULL ORDER BY broker, instrument_key`,
    );
  const overview = () => desk.get(InstrumentsRepository).overview();

  beforeAll(async () => {
    desk = await testModule([InstrumentsModule], { clock });
    database = desk.get(Database);
  });
  afterAll(() => desk.close());
  beforeEach(async () => {
    clock.set(MORNING);
    await database.run(
      'TRUNCATE instruments, instrument_imports, instrument_import_changes, instrument_import_issues, instrument_registry, trading_events, change_feed, users CASCADE',
    );
    const [user] = await database.rows<{ id: string }>(
      `INSERT INTO users (email, password_hash, display_name, roles) VALUES ('f@test.example', 'x', 'F', '{trader}') RETURNING id`,
    );
    userId = user!.id;
  });

  it('a rollback reaches any import, older or newer, and undoes updates, delistings, relistings, insertions and reused keys', async () => {
    const expired = { token: 1, symbol: 'OLD', expiry: '2026-08-20' };
    const imports = [await load([...contracts(20), expired])];
    const states = [await state()];
    clock.set('2026-08-26T06:00:00Z');
    const steps: MadeContract[][] = [
      [...contracts(20).slice(2), { token: 1, symbol: 'REUSED', expiry: '2026-09-29' }, { token: 2, symbol: 'NEW' }],
      [
        ...contracts(20).map((row, index) => (index < 5 ? { ...row, name: 'RENAMED' } : row)),
        { token: 1, symbol: 'REUSED', expiry: '2026-09-29' },
      ],
      [...contracts(3)],
      [...contracts(40)],
    ];
    for (const rows of steps) {
      imports.push(await load(rows));
      states.push(await state());
    }
    for (const index of [3, 0, 4, 1, 2, 0]) {
      await rollbackTo(imports[index]!);
      expect(await state()).toEqual(states[index]);
      expect((await overview()).listed).toBe(states[index]!.length);
    }
    expect(await database.rows(`SELECT FROM instruments`)).toHaveLength(43);
  });

  it('a rollback is listed, counted and undone like any import', async () => {
    const first = await load(contracts(10));
    const second = await load(contracts(12).slice(1));
    const back = await rollbackTo(first);
    expect(back).toMatchObject({ inserted: 0, updated: 0, relisted: 1, delisted: 2, unchanged: 9 });
    const again = await rollbackTo(second);
    expect(again).toMatchObject({ relisted: 2, delisted: 1 });
    const list = await desk.get(ImportsService).list({ sort: '-createdAt', limit: 10 });
    expect(list.map(({ position, kind, listed, restores }) => [position, kind, listed, restores])).toEqual([
      [4, 'rollback', 11, second.importId],
      [3, 'rollback', 10, first.importId],
      [2, 'import', 11, null],
      [1, 'import', 10, null],
    ]);
    expect(await rollbackTo(again)).toMatchObject({ updated: 0, relisted: 0, delisted: 0, unchanged: 11 });
  });

  it('a rollback affects one broker only', async () => {
    const first = await load(contracts(10));
    await load(contracts(5), 'elsewhere');
    await load(contracts(12));
    expect(await rollbackTo(first)).toMatchObject({ delisted: 2 });
    expect((await overview()).listed).toBe(15);
  });

  it('followers keep their contract through delisting, relisting and rollback, and are notified', async () => {
    const first = await load(contracts(10));
    const [contract] = await database.rows<{ id: string }>(`SELECT id FROM instruments WHERE instrument_key = '1000'`);
    await desk.get(WatchlistService).follow(userId, contract!.id);
    await desk.get(WatchlistService).follow(userId, contract!.id);
    await load(contracts(10).slice(1));
    expect(
      (await desk.get(WatchlistService).list(userId, 10)).map(({ id, delistedAt }) => [id, delistedAt === null]),
    ).toEqual([[contract!.id, false]]);
    expect(
      await database.rows(
        `SELECT type, user_id, instrument_id FROM trading_events WHERE type = 'FollowedInstrumentDelisted'`,
      ),
    ).toEqual([{ type: 'FollowedInstrumentDelisted', user_id: userId, instrument_id: contract!.id }]);
    expect(await database.rows(`SELECT key FROM change_feed WHERE topic = 'watchlist'`)).toEqual([
      { key: userId },
      { key: userId },
    ]);
    await rollbackTo(first);
    expect((await desk.get(WatchlistService).get(userId, contract!.id)).delistedAt).toBeNull();
    await desk.get(WatchlistService).unfollow(userId, contract!.id);
    await desk.get(WatchlistService).unfollow(userId, contract!.id);
    await expect(desk.get(WatchlistService).get(userId, contract!.id)).rejects.toMatchObject({
      code: 'INSTRUMENTS_NOT_FOLLOWED',
    });
  });

  it('a rollback to an unknown import is refused', async () => {
    await expect(desk.get(ImportsService).rollbackTo(userId)).rejects.toMatchObject({
      code: 'INSTRUMENTS_IMPORT_NOT_FOUND',
    });
  });
});
