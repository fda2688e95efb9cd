import { gzipSync } from 'node:zlib';
import { Transactions } from '#database';
import { InstrumentsRepository } from '#instruments';
import { CatalogueUpkeep } from '../../../libs/instruments/imports/catalogue-upkeep.js';
import type { ImportCounts } from '../../../libs/instruments/imports/import-counts.js';
import { eventually } from '../../setup/eventually.js';
import { code, importsDesk } from './imports-desk.fixture.js';
import { contracts, kiteCsv } from './masters.fixture.js';

describe('an import', () => {
  const { query, importFrom, load, loadRows, listed, countAll, get, clock } = importsDesk();

  it('a repeated import of a master changes nothing, plain or in gzip', async () => {
    const csv = kiteCsv(contracts(50));
    expect(await load(csv)).toMatchObject({ inserted: 50, unchanged: 0 });
    const before = await query(`SELECT * FROM instruments ORDER BY id`);
    expect(await load(gzipSync(csv))).toMatchObject({ inserted: 0, updated: 0, unchanged: 50, delisted: 0 });
    expect(await load(csv.replaceAll('\n', '\r\n'))).toMatchObject({ unchanged: 50 });
    expect(await load(`\uFEFF${csv}`)).toMatchObject({ unchanged: 50 });
    expect(await query(`SELECT * FROM instruments ORDER BY id`)).toEqual(before);
  });

  it('a missing contract is delisted, and listed again under its old id', async () => {
    const all = contracts(50);
    await loadRows(all);
    const [first] = await listed();
    expect(await loadRows(all.slice(1))).toMatchObject({ delisted: 1, unchanged: 49 });
    expect(await listed()).toHaveLength(49);
    expect(await loadRows(all)).toMatchObject({ relisted: 1, inserted: 0, unchanged: 49 });
    expect((await listed())[0]).toEqual(first);
    expect((await get(InstrumentsRepository).overview()).listed).toBe(50);
  });

  it('a key of an expired contract passes to a new one, and a new expiry of a live contract changes that contract', async () => {
    const old = { token: 7, symbol: 'ACME', expiry: '2026-08-25' };
    const next = { ...old, expiry: '2026-09-29', strike: '9' };
    clock.set('2026-08-17T06:00:00Z');
    await loadRows([...contracts(20), old]);
    const oldId = (await listed()).find((row) => row.key === '7')!.id;
    // On the expiry day itself, at 23:59 in Mumbai, it is the same contract with another date.
    clock.set('2026-08-25T18:29:00Z');
    expect(await loadRows([...contracts(20), next])).toMatchObject({ updated: 1, inserted: 0, delisted: 0 });
    expect((await listed()).find((row) => row.key === '7')!.id).toBe(oldId);
    expect(await loadRows([...contracts(20), old])).toMatchObject({ updated: 1 });
    clock.set('2026-08-25T18:31:00Z');
    expect(await loadRows([...contracts(20), next])).toMatchObject({ updated: 0, inserted: 1, delisted: 1 });
    const now7 = (await listed()).find((row) => row.key === '7')!;
    expect(now7).toMatchObject({ strike: '9' });
    expect(now7.id).not.toBe(oldId);
    expect((await get(InstrumentsRepository).overview()).listed).toBe(21);
  });

  it('another contract under the key of a delisted one is a new contract', async () => {
    await loadRows([...contracts(20), { token: 7, symbol: 'A' }]);
    await loadRows(contracts(20));
    expect(await loadRows([...contracts(20), { token: 7, symbol: 'B' }])).toMatchObject({ inserted: 1, relisted: 0 });
  });

  it('a symbol can move from one key to another within a batch', async () => {
    await loadRows([
      { token: 1, symbol: 'X440CE', strike: '440' },
      { token: 2, symbol: 'X450CE', strike: '450' },
    ]);
    const before = await listed();
    const result = await loadRows([
      { token: 3, symbol: 'X440CE', strike: '440' },
      { token: 1, symbol: 'X420.75CE', strike: '420.75' },
      { token: 2, symbol: 'X430CE', strike: '430' },
    ]);
    expect(result).toMatchObject({ inserted: 1, updated: 2, delisted: 0, warnings: 0 });
    const after = await listed();
    expect(after.map(({ symbol }) => symbol)).toEqual(['X420.75CE', 'X430CE', 'X440CE']);
    expect(after.slice(0, 2).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it('an import delists only contracts of the exchanges in its file', async () => {
    await loadRows([...contracts(10), ...contracts(10, 5_000).map((row) => ({ ...row, exchange: 'NSE' }))]);
    expect(await loadRows(contracts(10))).toMatchObject({ delisted: 0, unchanged: 10 });
    await load(kiteCsv(contracts(3)), { broker: 'elsewhere' });
    expect(await listed()).toHaveLength(20);
    expect(await listed('elsewhere')).toHaveLength(3);
  });

  it('an import that would delist more than 20 % is refused without a trace, unless forced', async () => {
    await loadRows(contracts(100));
    const before = await countAll();
    await expect(loadRows(contracts(79))).rejects.toMatchObject({
      code: 'INSTRUMENTS_DELISTING_TOO_MANY',
      details: { kind: 'conflict', extra: { delisted: 21, listed: 100 } },
    });
    expect(await countAll()).toEqual(before);
    expect(await loadRows(contracts(80))).toMatchObject({ delisted: 20 });
    expect(await loadRows(contracts(1), true)).toMatchObject({ delisted: 79 });
    expect((await countAll())['instruments']).toBe(100);
  });

  it('a second import of the same broker is refused at once, and one of another broker runs', async () => {
    const csv = kiteCsv(contracts(2_000));
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let reached!: () => void;
    const staged = new Promise<void>((resolve) => (reached = resolve));
    async function* slow(): AsyncGenerator<Buffer> {
      yield Buffer.from(csv.slice(0, 100_000));
      reached();
      await gate;
      yield Buffer.from(csv.slice(100_000));
    }
    const first = importFrom(slow());
    await staged;
    await expect(load(csv)).rejects.toThrow(code('INSTRUMENTS_IMPORT_RUNNING'));
    expect(await load(csv, { broker: 'elsewhere' })).toMatchObject({ inserted: 2_000 });
    release();
    expect(await first).toMatchObject({ inserted: 2_000 });
    expect(await load(csv)).toMatchObject({ unchanged: 2_000 });
  });

  it('an import appends to the change feed once and records one event', async () => {
    const { importId } = await loadRows(contracts(5));
    expect(await query(`SELECT topic, key FROM change_feed WHERE topic = 'instruments'`)).toEqual([
      { topic: 'instruments', key: importId },
    ]);
    expect(
      await query(
        `SELECT type, payload ->> 'inserted' AS inserted FROM trading_events WHERE type <> 'SecurityActRecorded'`,
      ),
    ).toEqual([{ type: 'InstrumentsImported', inserted: '5' }]);
  });

  it('the tables of the search are vacuumed and analysed after an import that changes many contracts, and not after a small one', async () => {
    const runs = async () =>
      (
        await query<{ runs: number[] }>(
          `SELECT array_agg((vacuum_count + analyze_count)::int) AS runs FROM pg_stat_user_tables WHERE relname IN ('instruments', 'instrument_names', 'instrument_series')`,
        )
      )[0]!.runs;
    const idle = () => eventually(async () => expect(await query('SELECT FROM graphile_worker.jobs')).toHaveLength(0));
    await idle();
    const before = await runs();
    await loadRows(contracts(900));
    await idle();
    expect(await runs()).toEqual(before);
    await loadRows(contracts(2_000));
    await eventually(async () => expect(await runs()).toEqual(before.map((count) => count + 2)));
  });

  it('imports in a row ask for one upkeep', async () => {
    const counts = { inserted: 5_000, updated: 0, relisted: 0, delisted: 0 } as ImportCounts;
    await get(Transactions).atomic(async () => {
      for (let n = 0; n < 3; n++) await get(CatalogueUpkeep).request(counts);
      expect(await query(`SELECT FROM graphile_worker.jobs WHERE task_identifier = 'instruments-upkeep'`)).toHaveLength(
        1,
      );
    });
  });
});
