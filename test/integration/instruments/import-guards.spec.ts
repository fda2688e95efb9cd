import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { masterMappingSchema } from '../../../libs/instruments/masters/master-mapping.js';
import { code, importsDesk } from './imports-desk.fixture.js';
import { contracts, kiteCsv, MADE_EXPIRY, realMasters } from './masters.fixture.js';

const DAY = 86_400_000;
const dayFrom = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

describe('the guards of imports', () => {
  const { query, load, loadRows, listed, countAll, issuesOf, clock } = importsDesk();
  const dated = (count: number, expiry: string) => contracts(count).map((row) => ({ ...row, expiry }));

  it('an import after an expiry day delists all expired contracts, and is not refused', async () => {
    const [near, far] = [dated(60, dayFrom(1)), contracts(40, 5_000)];
    await loadRows([...near, ...far]);
    await expect(loadRows(far)).rejects.toMatchObject({
      code: 'INSTRUMENTS_DELISTING_TOO_MANY',
      details: { extra: { delisted: 60, listed: 100, expired: 0 } },
    });
    clock.advance(3 * DAY);
    // 60 of 100 leave, but they have expired. Of the other 40, at most 8 may.
    await expect(loadRows(far.slice(9))).rejects.toMatchObject({
      details: { extra: { delisted: 9, listed: 40, expired: 60 } },
    });
    expect(await loadRows(far.slice(8))).toMatchObject({ delisted: 68, unchanged: 32 });
  });

  it('an import is refused if more than 20 % of its rows are unreadable, first or later, and leaves no trace', async () => {
    const rows = kiteCsv(contracts(100)).trimEnd().split('\n');
    const spoilt = (count: number) =>
      rows.map((row, index) => (index > 0 && index <= count ? row.replace(MADE_EXPIRY, 'soon') : row)).join('\n');
    const before = await countAll();
    await expect(load(spoilt(21))).rejects.toMatchObject({
      code: 'INSTRUMENTS_QUARANTINED_TOO_MANY',
      message: expect.stringContaining('line 2, not a date: "soon"') as string,
      details: { kind: 'conflict', extra: { quarantined: 21, rows: 100, percent: 20 } },
    });
    expect(await countAll()).toEqual(before);
    expect(await load(spoilt(20))).toMatchObject({ inserted: 80, quarantined: 20 });
    await expect(load(spoilt(21))).rejects.toThrow(code('INSTRUMENTS_QUARANTINED_TOO_MANY'));
    expect(await load(spoilt(21), { force: true })).toMatchObject({ quarantined: 21, delisted: 0, unchanged: 79 });
  });

  it('an import of 50 dated contracts of which none expires within 100 days is refused, unless forced', async () => {
    for (const expiry of ['2016-02-25', dayFrom(-2), dayFrom(110)]) {
      await expect(loadRows(dated(50, expiry))).rejects.toMatchObject({
        code: 'INSTRUMENTS_DATES_IMPLAUSIBLE',
        details: { kind: 'conflict', extra: { dated: 50, first: expiry, last: expiry } },
      });
    }
    expect(await loadRows(dated(49, '2016-02-25'))).toMatchObject({ inserted: 49 });
    await expect(loadRows(dated(50, '2016-02-25'))).rejects.toThrow(code('INSTRUMENTS_DATES_IMPLAUSIBLE'));
    expect(await loadRows(dated(50, '2016-02-25'), true)).toMatchObject({ inserted: 1, unchanged: 49 });
    expect(await loadRows([...dated(50, '2016-02-25'), ...contracts(1, 9_000)])).toMatchObject({ inserted: 1 });
  });

  it('an import in which most keys belong to other contracts is refused, unless forced', async () => {
    await loadRows(contracts(10));
    const others = (count: number) =>
      contracts(10).map((row, index) => (index < count ? { ...row, symbol: `X${index}PE`, type: 'PE' } : row));
    await expect(loadRows(others(6))).rejects.toMatchObject({
      code: 'INSTRUMENTS_KEYS_REASSIGNED',
      details: { extra: { replaced: 6, rows: 10, percent: 50 } },
    });
    expect(await loadRows(others(5))).toMatchObject({ inserted: 5, delisted: 5, unchanged: 5 });
    expect(await loadRows(contracts(10), true)).toMatchObject({ relisted: 5, delisted: 5 });
  });

  it('an import that changes the unit of most ticks is refused, unless forced', async () => {
    const of = (tick: string, count: number) =>
      contracts(60).map((row, index) => (index < count ? { ...row, tick } : row));
    await loadRows(of('0.05', 60));
    await expect(loadRows(of('5', 31))).rejects.toMatchObject({
      code: 'INSTRUMENTS_UNITS_CHANGED',
      details: { extra: { scaled: 31, known: 60, percent: 50 } },
    });
    expect(await loadRows(of('0.1', 60))).toMatchObject({ updated: 60 });
    expect(await loadRows(of('10', 60), true)).toMatchObject({ updated: 60 });
  });

  it('a part of a master inserts and updates, and delists nothing', async () => {
    await loadRows(contracts(10));
    const result = await load(kiteCsv([...contracts(1), { token: 99, symbol: 'NEW' }]), { partial: true });
    expect(result).toMatchObject({ inserted: 1, unchanged: 1, delisted: 0, warnings: 1 });
    expect((await issuesOf(result))[0]!.reason).toMatch(/9 contracts missing from the file stay listed/);
    expect(await listed()).toHaveLength(11);
  });

  it('an import delists only contracts that the same mapping imported, and takes over those that it contains', async () => {
    const mapping = (name: string) =>
      masterMappingSchema.parse({
        name,
        key: ['token'],
        columns: { tradingsymbol: 'symbol' },
        constants: { exchange: 'NFO' },
      });
    const file = (from: number, count: number) =>
      ['token,symbol', ...Array.from({ length: count }, (_, at) => `${from + at},S${from + at}`), ''].join('\n');
    const [equity, index] = [mapping('nfo_equity'), mapping('nfo_index')];
    await load(file(0, 10), { mapping: equity });
    expect(await load(file(10, 10), { mapping: index })).toMatchObject({ inserted: 10, delisted: 0 });
    expect(await load(file(0, 9), { mapping: equity })).toMatchObject({ delisted: 1, unchanged: 9 });
    expect(await load(file(5, 15), { mapping: index })).toMatchObject({ relisted: 1, unchanged: 14 });
    // The other mapping has 5 to 9 now.
    expect(await load(file(0, 4), { mapping: equity })).toMatchObject({ delisted: 1, unchanged: 4 });
    const of = await query(
      `SELECT master, count(*)::int AS count FROM instruments WHERE delisted_at IS NULL GROUP BY 1 ORDER BY 1`,
    );
    expect(of).toEqual([
      { master: 'nfo_equity', count: 4 },
      { master: 'nfo_index', count: 15 },
    ]);
    // A mapping that is no longer used: its contracts belong to those that are.
    await query(`UPDATE instrument_imports SET created_at = now() - interval '31 days' WHERE master = 'nfo_equity'`);
    expect(await load(file(5, 15), { mapping: index, force: true })).toMatchObject({ delisted: 4, unchanged: 15 });
  });

  (realMasters ? it : it.skip)(
    `a page of many and a second file of a broker delist nothing, and a cut file is refused${realMasters ? '' : ' (skipped: DESKWIRE_DATA_DIR is unset)'}`,
    async () => {
      const folder = join(realMasters!, '../domain/masters');
      const mappings = JSON.parse(readFileSync(join(folder, 'mappings.json'), 'utf8')) as Record<string, object>;
      const file = (name: string) => readFileSync(join(folder, name), 'utf8');
      const by = (name: string, text: string, broker: string) =>
        load(text, { broker, force: true, mapping: masterMappingSchema.parse({ name: 'given', ...mappings[name] }) });

      const bybit = JSON.parse(file('F10_bybit_instruments.json')) as { result: { list: object[] } };
      expect(await by('F10_bybit_instruments.json', JSON.stringify(bybit), 'bybit')).toMatchObject({ inserted: 2 });
      bybit.result.list.shift();
      const page = await by('F10_bybit_instruments.json', JSON.stringify(bybit), 'bybit');
      expect(page).toMatchObject({ unchanged: 1, delisted: 0, warnings: 1 });
      expect((await issuesOf(page))[0]!.reason).toContain('the file is one page of several');

      const [nfo, bfo] = ['F17_aliceblue_NFO.csv', 'F17_aliceblue_BFO.csv'];
      await by(nfo, file(nfo), 'alice');
      expect(await by(bfo, file(bfo), 'alice')).toMatchObject({ inserted: 1, delisted: 0 });

      const [whole, cut] = ['F07_ibkr_usa.txt', 'F07b_ibkr_usa_cut.txt'];
      await by(whole, file(whole), 'ibkr');
      await expect(by(cut, file(cut), 'ibkr')).rejects.toThrow(code('INSTRUMENTS_FILE_INCOMPLETE'));
      expect(await listed('ibkr')).toHaveLength(3);
    },
  );

  (realMasters ? it : it.skip)(
    `the import of a real master after each of its expiry days is accepted${realMasters ? '' : ' (skipped: DESKWIRE_DATA_DIR is unset)'}`,
    async () => {
      const [header, ...rows] = gunzipSync(readFileSync(join(realMasters!, 'kite_fno_2026-08_day1.csv.gz')))
        .toString()
        .trimEnd()
        .split('\n');
      const after = (day: string) => [header, ...rows.filter((row) => row.split(',')[5]! > day)].join('\n');
      clock.set('2026-08-17T06:00:00Z');
      await load([header, ...rows].join('\n'));
      for (const [day, now, delisted] of [
        ['2026-08-18', '2026-08-19T03:00:00Z', 210],
        ['2026-08-25', '2026-08-26T03:00:00Z', 14_165],
        ['2026-09-29', '2026-09-30T03:00:00Z', 12_898],
      ] as const) {
        clock.set(now);
        expect(await load(after(day))).toMatchObject({ delisted, inserted: 0, updated: 0 });
      }
      expect((await listed()).length).toBe(34_764 - 210 - 14_165 - 12_898);
      // Contracts that have not expired still count.
      await expect(load(after('2026-10-27'))).rejects.toThrow(code('INSTRUMENTS_DELISTING_TOO_MANY'));
    },
  );
});
