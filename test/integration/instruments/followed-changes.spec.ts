import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImportsService, WatchlistService } from '#instruments';
import { masterMappingSchema } from '../../../libs/instruments/masters/master-mapping.js';
import { importsDesk } from './imports-desk.fixture.js';
import { contracts, type MadeContract } from './masters.fixture.js';

const FIELD = join(process.env['DESKWIRE_DATA_DIR'] ?? '', 'field');
const hasField = process.env['DESKWIRE_DATA_DIR'] !== undefined && existsSync(FIELD);

describe('what imports change', () => {
  const { query, load, loadRows, listed, get } = importsDesk();
  let userId: string;

  beforeAll(async () => {
    const [user] = await query<{ id: string }>(
      `INSERT INTO users (email, password_hash, display_name, roles) VALUES ('follower@test.example', 'x', 'F', '{trader}') RETURNING id`,
    );
    userId = user!.id;
  });

  const follow = async (key: string): Promise<string> => {
    const { id } = (await listed()).find((row) => row.key === key)!;
    await get(WatchlistService).follow(userId, id);
    return id;
  };
  const notices = () =>
    query<{ type: string; instrument_id: string; payload: Record<string, unknown> }>(
      `SELECT type, instrument_id, payload - 'importId' AS payload FROM trading_events WHERE type LIKE 'Followed%' AND user_id = $1 ORDER BY id`,
      [userId],
    );
  const changesOf = (importId: string, filter: { action?: 'insert' | 'update'; after?: string; limit?: number } = {}) =>
    get(ImportsService).changesOf(importId, { limit: 100, ...filter });

  (hasField ? it : it.skip)(
    `a follower is notified of a changed lot and tick of a real day, and the import shows them${hasField ? '' : ' (skipped: DESKWIRE_DATA_DIR is unset)'}`,
    async () => {
      await load(readFileSync(join(FIELD, 'lot_day1.csv')));
      const id = await follow('1');
      await follow('2');
      const { importId, updated } = await load(readFileSync(join(FIELD, 'lot_day2.csv')));
      expect(updated).toBe(1);
      const changes = [
        { field: 'tickSize', before: '0.05', after: '0.1' },
        { field: 'lotSize', before: '75', after: '65' },
      ];
      const contract = { exchange: 'NFO', tradingsymbol: 'MADEUP26DEC101CE', name: 'MADEUP' };
      expect(await notices()).toEqual([
        { type: 'FollowedInstrumentChanged', instrument_id: id, payload: { ...contract, changes: expect.any(Array) } },
      ]);
      expect((await notices())[0]!.payload['changes']).toEqual(expect.arrayContaining(changes));
      const [change] = await changesOf(importId);
      expect(change).toMatchObject({ action: 'update', instrumentId: id, key: '1', ...contract, expiry: '2026-12-29' });
      expect(change!.changes).toEqual(expect.arrayContaining(changes));
      expect(change!.changes).toHaveLength(2);
    },
  );

  it('a follower is notified of a new expiry, a delisting and a relisting, and not of a changed name', async () => {
    const rows = contracts(10);
    await loadRows(rows);
    await follow('1000');
    const change = (fields: Partial<MadeContract>) => loadRows([{ ...rows[0]!, ...fields }, ...rows.slice(1)]);
    await change({ name: 'RENAMED' });
    expect(await notices()).toEqual([]);
    const far = '2031-06-24';
    await change({ expiry: far });
    await loadRows(rows.slice(1));
    await change({ expiry: far, lot: '25' });
    const all = await notices();
    expect(all.map(({ type }) => type.replace('FollowedInstrument', '')).sort()).toEqual([
      'Changed',
      'Changed',
      'Delisted',
      'Relisted',
    ]);
    expect(all.filter(({ type }) => type.endsWith('Changed')).map(({ payload }) => payload['changes'])).toEqual([
      [{ field: 'expiry', before: expect.any(String), after: far }],
      [{ field: 'lotSize', before: '50', after: '25' }],
    ]);
  });

  it('a follower of a contract never holds another contract that took over its key', async () => {
    const option = { token: 7, symbol: 'NIFTY36DEC26000CE', name: 'NIFTY', strike: '26000' };
    await loadRows([...contracts(10), option]);
    const id = await follow('7');
    const others: Partial<MadeContract>[] = [
      { symbol: 'HELIO36DEC300PE', name: 'HELIO', strike: '300', type: 'PE' },
      { symbol: 'HELIO36DEC300CE', name: 'HELIO', strike: '300' },
      { symbol: 'NIFTY36DEC26000PE', type: 'PE' },
      { symbol: 'NIFTY37JAN26000CE', expiry: '2037-01-26' },
    ];
    for (const other of others) {
      expect(await loadRows([...contracts(10), { ...option, ...other }])).toMatchObject({
        inserted: 1,
        updated: 0,
        delisted: 1,
      });
      expect(await get(WatchlistService).get(userId, id)).toMatchObject({
        tradingsymbol: option.symbol,
        delistedAt: expect.any(String),
      });
      expect(await loadRows([...contracts(10), option])).toMatchObject({ relisted: 1, delisted: 1 });
    }
    // The same contract: an adjusted strike, a new expiry under the old symbol, a respelt name.
    const same: Partial<MadeContract>[] = [
      { symbol: 'NIFTY36DEC25500.75CE', strike: '25500.75' },
      { expiry: '2037-01-05' },
      { name: 'Nifty 50' },
    ];
    for (const change of same) {
      expect(await loadRows([...contracts(10), { ...option, ...change }])).toMatchObject({ updated: 1, inserted: 0 });
      expect(await loadRows([...contracts(10), option])).toMatchObject({ updated: 1, inserted: 0 });
    }
    expect((await get(WatchlistService).get(userId, id)).delistedAt).toBeNull();
  });

  it('a share keeps its contract when its symbol or its series changes', async () => {
    const share = { token: 7, symbol: 'ZETA', name: 'ZETA LTD', expiry: '', strike: '0', type: 'EQ', exchange: 'NSE' };
    await loadRows([...contracts(10), share]);
    for (const change of [{ type: 'BE' }, { type: 'BE', symbol: 'ETERNITY', name: 'ETERNITY LTD' }])
      expect(await loadRows([...contracts(10), { ...share, ...change }])).toMatchObject({ updated: 1, inserted: 0 });
    expect(await loadRows([...contracts(10), { ...share, symbol: 'GOV27', type: 'GB' }])).toMatchObject({
      inserted: 1,
    });
  });

  it('a named underlying, an option type and an ISIN tell contracts apart', async () => {
    const named = ['tradingsymbol', 'expiry', 'underlying', 'optionType', 'isin'];
    const mapping = masterMappingSchema.parse({
      ...{ name: 'made', key: ['key'], columns: Object.fromEntries(named.map((column) => [column, column])) },
      constants: { exchange: 'X' },
    });
    const rows = Array.from({ length: 9 }, (_, at) => `${at},ROW${at},,,,`);
    const by = (row: string) => load(['key,' + named.join(','), ...rows, row, ''].join('\n'), { mapping });
    const day = '2036-12-29';
    await by(`k,AB 100 C,${day},AB,CE,`);
    expect(await by(`k,A-B 100 C,${day},AB,CE,`)).toMatchObject({ updated: 1, inserted: 0 });
    expect(await by(`k,A-B 100 C,${day},AC,CE,`)).toMatchObject({ inserted: 1, delisted: 1 });
    expect(await by(`k,A-B 100 C,${day},AC,PE,`)).toMatchObject({ inserted: 1, delisted: 1 });
    // A share: a new ISIN alone is a split, and a new symbol alone a rename.
    const share = (symbol: string, isin: string) => by(`s,${symbol},,,,${isin}`);
    await share('ONE', 'INE1');
    expect(await share('ONE', 'INE2')).toMatchObject({ updated: 1, inserted: 0 });
    expect(await share('TWO', 'INE2')).toMatchObject({ updated: 1, inserted: 0 });
    expect(await share('SIX', 'INE3')).toMatchObject({ inserted: 1, delisted: 1 });
  });

  it('the changes of an import are listed in pages, with the values right after it, also after later imports', async () => {
    const rows = contracts(6);
    const first = await loadRows(rows);
    const second = await loadRows([{ ...rows[0]!, lot: '25' }, ...rows.slice(1, 5), { token: 9, symbol: 'NEW' }]);
    await loadRows([{ ...rows[0]!, lot: '10', strike: '7' }, ...rows.slice(1, 5), { token: 9, symbol: 'NEWER' }]);
    const inserted = await changesOf(first.importId);
    expect(inserted.map(({ action, key, changes }) => [action, key, changes.length]).sort()).toEqual(
      rows.map(({ token }) => ['insert', String(token), 0]),
    );
    const [one, ...others] = await changesOf(first.importId, { limit: 2 });
    expect((await changesOf(first.importId, { after: others[0]!.instrumentId })).map(({ key }) => key)).toEqual(
      inserted.slice(2).map(({ key }) => key),
    );
    expect(one).toEqual(inserted[0]);
    const changes = await changesOf(second.importId);
    expect(
      changes.map(({ action, key, tradingsymbol, changes: fields }) => [action, key, tradingsymbol, fields]),
    ).toEqual([
      ['update', '1000', 'ACME26AUG1000CE', [{ field: 'lotSize', before: '50', after: '25' }]],
      ['delist', '1005', 'ACME26AUG1005CE', []],
      ['insert', '9', 'NEW', []],
    ]);
    expect(await changesOf(second.importId, { action: 'update' })).toEqual([changes[0]]);
    const back = await get(ImportsService).rollbackTo(first.importId);
    expect((await changesOf(back.importId)).map(({ action, key }) => [action, key])).toEqual([
      ['update', '1000'],
      ['relist', '1005'],
      ['delist', '9'],
    ]);
  });

  it('a rollback restores the mapping that imported a contract', async () => {
    const by = (name: string) => {
      const columns = { tradingsymbol: 'symbol' };
      const mapping = masterMappingSchema.parse({ name, key: ['token'], columns, constants: { exchange: 'NFO' } });
      return load('token,symbol\n1,A\n2,B\n', { mapping });
    };
    const first = await by('one');
    expect(await by('two')).toMatchObject({ unchanged: 2, updated: 0 });
    expect(await query(`SELECT DISTINCT master FROM instruments`)).toEqual([{ master: 'two' }]);
    expect(await get(ImportsService).rollbackTo(first.importId)).toMatchObject({ updated: 0, unchanged: 2 });
    expect(await query(`SELECT DISTINCT master FROM instruments`)).toEqual([{ master: 'one' }]);
  });
});
