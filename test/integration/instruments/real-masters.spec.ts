import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Database } from '#database';
import {
  InstrumentImporter,
  InstrumentsModule,
  InstrumentsRepository,
  InstrumentsService,
  ImportsService,
  WatchlistService,
} from '#instruments';
import { type TestModule, testModule } from '../../setup/test-module.js';
import { VirtualClock } from '../../setup/virtual-clock.js';
import { describeWithRealMasters, realMasters } from './masters.fixture.js';

describeWithRealMasters('real masters', () => {
  let desk: TestModule;
  let database: Database;
  // The day of the derivatives of Kite. A master in which no contract expires soon is refused.
  const clock = new VirtualClock('2026-08-17T06:00:00Z');
  const load = (file: string, broker: string) =>
    desk.get(InstrumentImporter).import(createReadStream(join(realMasters!, file)), { broker, source: file });
  const find = async (key: string) =>
    (
      await database.rows<{ id: string; tradingsymbol: string; strike: string }>(
        `SELECT id, tradingsymbol, strike FROM instruments WHERE broker = 'zerodha' AND instrument_key = $1`,
        [key],
      )
    )[0]!;

  const start = async () => {
    desk = await testModule([InstrumentsModule], { clock });
    database = desk.get(Database);
  };

  describe('two days of Kite', () => {
    let day1: Awaited<ReturnType<typeof load>>;
    let day2: typeof day1;
    let before: { id: string; key: string; symbol: string }[];
    let userId: string;

    beforeAll(async () => {
      await start();
      day1 = await load('kite_fno_2026-08_day1.csv.gz', 'zerodha');
      before = await database.rows(
        `SELECT id, instrument_key AS key, tradingsymbol AS symbol FROM instruments WHERE name = 'HINDPETRO'`,
      );
      [{ id: userId }] = (await database.rows<{ id: string }>(
        `INSERT INTO users (email, password_hash, display_name, roles) VALUES ('f@test.example', 'x', 'F', '{trader}') RETURNING id`,
      )) as [{ id: string }];
      for (const { id } of before) await desk.get(WatchlistService).follow(userId, id);
      day2 = await load('kite_fno_2026-08_day2.csv.gz', 'zerodha');
    });
    afterAll(() => desk.close());

    it('the second day of Kite inserts 5,177, updates 74, keeps 34,690 and delists none', async () => {
      expect(day1).toMatchObject({
        inserted: 34_764,
        updated: 0,
        unchanged: 0,
        delisted: 0,
        quarantined: 0,
        warnings: 0,
      });
      expect(day2).toMatchObject({
        inserted: 5_177,
        updated: 74,
        unchanged: 34_690,
        relisted: 0,
        delisted: 0,
        quarantined: 0,
        warnings: 0,
      });
      const [{ count }] = (await database.rows<{ count: number }>(
        `SELECT count(*)::int AS count FROM instruments WHERE delisted_at IS NULL`,
      )) as [{ count: number }];
      expect(count).toBe(39_941);
      expect((await desk.get(InstrumentsRepository).overview()).listed).toBe(39_941);
      const by = await database.rows(
        `SELECT exchange, count(*)::int AS count FROM instruments WHERE inserted_by = $1 GROUP BY 1 ORDER BY 1`,
        [day2.importId],
      );
      expect(by).toEqual([
        { exchange: 'BFO', count: 4_258 },
        { exchange: 'NFO', count: 919 },
      ]);
    });

    it('followers keep their contract through a strike adjustment, and search finds the new one', async () => {
      const after = await database.rows<{ id: string; key: string; symbol: string }>(
        `SELECT id, instrument_key AS key, tradingsymbol AS symbol FROM instruments WHERE name = 'HINDPETRO' AND delisted_at IS NULL`,
      );
      const symbolNow = new Map(after.map((row) => [row.symbol, row]));
      const byKey = new Map(after.map((row) => [row.key, row]));
      for (const row of before) expect(byKey.get(row.key)!.id).toBe(row.id);
      const moved = before.filter((row) => symbolNow.has(row.symbol) && symbolNow.get(row.symbol)!.key !== row.key);
      expect(moved).toHaveLength(60);
      const followed = new Map((await desk.get(WatchlistService).list(userId, 1_000)).map((row) => [row.id, row]));
      for (const { id, key, symbol } of moved) {
        expect(followed.get(id)!.tradingsymbol).toBe(byKey.get(key)!.symbol);
        const [found] = await desk.get(InstrumentsService).search({ query: symbol }, 1);
        expect(found).toMatchObject({ tradingsymbol: symbol, key: symbolNow.get(symbol)!.key });
        expect(found!.id).not.toBe(id);
      }
      // Rolls back to the day before, byte by byte.
      expect(await desk.get(ImportsService).rollbackTo(day1.importId)).toMatchObject({
        updated: 74,
        delisted: 5_177,
        relisted: 0,
      });
      for (const { id, symbol, key } of before) expect(await find(key)).toMatchObject({ id, tradingsymbol: symbol });
      expect((await desk.get(InstrumentsRepository).overview()).listed).toBe(34_764);
    });
  });

  it('a master of Upstox is imported completely, with blank and repeated symbols reported by line', async () => {
    clock.set('2024-09-14T06:00:00Z');
    await start();
    const result = await load('upstox_complete_2024-09-14.csv.gz', 'upstox');
    expect(result).toMatchObject({ inserted: 78_715, quarantined: 0, delisted: 0 });
    const issues = await desk.get(ImportsService).issues(result.importId, 10_000);
    const blank = issues.filter((issue) => issue.reason.includes('blank'));
    const repeated = issues.filter((issue) => issue.reason.includes('already'));
    expect(blank).toHaveLength(116);
    expect(blank[0]).toMatchObject({ line: 2, field: 'tradingsymbol', severity: 'warning' });
    expect(new Set(repeated.map((issue) => issue.excerpt.split(',')[2])).size).toBe(11);
    expect(result.warnings).toBe(116 + repeated.length);
    const [nifty] = await desk.get(InstrumentsService).search({ query: 'Nifty 50', exchange: 'NSE_INDEX' }, 1);
    expect(nifty).toMatchObject({ key: 'NSE_INDEX|Nifty 50', tradingsymbol: 'Nifty 50', name: 'Nifty 50' });
    expect(await load('upstox_complete_2024-09-14.csv.gz', 'upstox')).toMatchObject({
      inserted: 0,
      updated: 0,
      unchanged: 78_715,
    });
    await desk.close();
  });

  describe('masters of several brokers and exchanges', () => {
    beforeAll(async () => {
      clock.set('2026-08-17T06:00:00Z');
      await start();
    });
    afterAll(() => desk.close());

    it('a master of another broker is refused with the missing columns', async () => {
      await expect(load('upstox_complete_2024-09-14.csv.gz', 'zerodha')).rejects.toMatchObject({
        code: 'INSTRUMENTS_WRONG_HEADER',
        message: expect.stringContaining('instrument_token') as string,
      });
      await expect(load('kite_nse_2017-11-24.csv.gz', 'upstox')).rejects.toMatchObject({
        code: 'INSTRUMENTS_WRONG_HEADER',
        message: expect.stringContaining('instrument_key') as string,
      });
      expect(await database.rows(`SELECT FROM instrument_imports`)).toHaveLength(0);
    });

    it('masters of one broker for different exchanges delist nothing of each other', async () => {
      expect(await load('kite_nse_2017-11-24.csv.gz', 'zerodha')).toMatchObject({
        inserted: 6_401,
        delisted: 0,
        quarantined: 0,
      });
      expect(await load('kite_mf_2017-11-23.csv.gz', 'zerodha')).toMatchObject({
        inserted: 3_391,
        delisted: 0,
        quarantined: 0,
      });
      expect((await desk.get(InstrumentsRepository).overview()).listed).toBe(9_792);
      const sample = await load('kite_sample_all_exchanges_2017.csv', 'kite-sample');
      expect(sample.inserted + sample.quarantined).toBe(99);
    });
  });
});
