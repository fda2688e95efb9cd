import { gzipSync } from 'node:zlib';
import { Database } from '#database';
import { InstrumentImporter, InstrumentsClock, InstrumentsModule, InstrumentsRepository, type MasterMapping, masterMappingSchema, ReleasesService, type ReleaseResult } from '#instruments';
import { type TestModule, testModule } from '../../setup/test-module.js';
import { bytesOf, contracts, kiteCsv, KITE_HEADER, type MadeContract } from './masters.fixture.js';

const code = (value: string) => expect.objectContaining({ code: value }) as Error;

describe('an import', () => {
  let desk: TestModule;
  let database: Database;
  let now = new Date('2026-08-17T06:00:00Z');

  const load = (text: string | Buffer, options: { broker?: string; force?: boolean; mapping?: MasterMapping } = {}): Promise<ReleaseResult> =>
    desk.get(InstrumentImporter).import(bytesOf(text), { broker: 'zerodha', source: 'made', ...options });
  const loadRows = (rows: readonly MadeContract[], force = false) => load(kiteCsv(rows), { force });
  const listed = (broker = 'zerodha') =>
    database.rows<{ id: string; key: string; symbol: string; strike: string; expiry: string }>(
      `SELECT id, instrument_key AS key, tradingsymbol AS symbol, trim_scale(strike)::text AS strike, expiry::text FROM instruments
       WHERE broker = $1 AND delisted_at IS NULL ORDER BY key`,
      [broker],
    );
  const countAll = async () => {
    const tables = ['instruments', 'instrument_releases', 'instrument_release_changes', 'instrument_import_issues', 'instrument_names', 'trading_events', 'change_feed'];
    const [row] = await database.rows<Record<string, number>>(`SELECT ${tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`).join(', ')}`);
    return row!;
  };
  const issuesOf = async ({ releaseId }: ReleaseResult) => (await desk.get(ReleasesService).issues(releaseId, 500)).map(({ id: _id, ...issue }) => issue);

  beforeAll(async () => {
    desk = await testModule([InstrumentsModule], { env: { INSTRUMENTS_SOURCE_IDLE_MS: '1000' } });
    database = desk.get(Database);
    Object.assign(desk.get<InstrumentsClock>(InstrumentsClock as never), { now: () => now });
  });
  afterAll(() => desk.close());
  beforeEach(async () => {
    now = new Date('2026-08-17T06:00:00Z');
    await database.run('TRUNCATE instruments, instrument_releases, instrument_release_changes, instrument_import_issues, instrument_names, instrument_registry, trading_events, change_feed');
  });

  it('of the same master again changes nothing, written plainly or in gzip', async () => {
    const csv = kiteCsv(contracts(50));
    expect(await load(csv)).toMatchObject({ inserted: 50, unchanged: 0 });
    const before = await database.rows(`SELECT * FROM instruments ORDER BY id`);
    expect(await load(gzipSync(csv))).toMatchObject({ inserted: 0, updated: 0, unchanged: 50, delisted: 0 });
    expect(await load(csv.replaceAll('\n', '\r\n'))).toMatchObject({ unchanged: 50 });
    expect(await load(`\uFEFF${csv}`)).toMatchObject({ unchanged: 50 });
    expect(await database.rows(`SELECT * FROM instruments ORDER BY id`)).toEqual(before);
  });

  it('reads pieces of any size alike, and ignores that the price moved', async () => {
    const csv = kiteCsv(contracts(20));
    await desk.get(InstrumentImporter).import(bytesOf(csv, 7), { broker: 'zerodha', source: 'made' });
    expect(await load(csv.replaceAll(',0.0,2026', ',123.45,2026'))).toMatchObject({ unchanged: 20 });
  });

  it('delists what is gone, and lists the same contract again under its old id', async () => {
    const all = contracts(50);
    await loadRows(all);
    const [first] = await listed();
    expect(await loadRows(all.slice(1))).toMatchObject({ delisted: 1, unchanged: 49 });
    expect(await listed()).toHaveLength(49);
    expect(await loadRows(all)).toMatchObject({ relisted: 1, inserted: 0, unchanged: 49 });
    expect((await listed())[0]).toEqual(first);
    expect((await desk.get(InstrumentsRepository).overview()).listed).toBe(50);
  });

  it('gives the key of an expired contract to a new one, and that of a live one never', async () => {
    const old = { token: 7, symbol: 'ACME26AUG7CE', expiry: '2026-08-25' };
    const next = { token: 7, symbol: 'OTHER26SEP9PE', expiry: '2026-09-29', strike: '9' };
    await loadRows([...contracts(20), old]);
    const oldId = (await listed()).find((row) => row.key === '7')!.id;
    // On the expiry day itself, at 23:59 in Mumbai, it is the same contract with another date.
    now = new Date('2026-08-25T18:29:00Z');
    expect(await loadRows([...contracts(20), next])).toMatchObject({ updated: 1, inserted: 0, delisted: 0 });
    expect((await listed()).find((row) => row.key === '7')!.id).toBe(oldId);
    expect(await loadRows([...contracts(20), old])).toMatchObject({ updated: 1 });
    now = new Date('2026-08-25T18:31:00Z');
    expect(await loadRows([...contracts(20), next])).toMatchObject({ updated: 0, inserted: 1, delisted: 1 });
    const now7 = (await listed()).find((row) => row.key === '7')!;
    expect(now7).toMatchObject({ symbol: 'OTHER26SEP9PE' });
    expect(now7.id).not.toBe(oldId);
    expect((await desk.get(InstrumentsRepository).overview()).listed).toBe(21);
  });

  it('a delisted contract’s key with another contract is a new contract', async () => {
    await loadRows([...contracts(20), { token: 7, symbol: 'A' }]);
    await loadRows(contracts(20));
    expect(await loadRows([...contracts(20), { token: 7, symbol: 'B' }])).toMatchObject({ inserted: 1, relisted: 0 });
  });

  it('moves a symbol from one key to another in the middle of the batch', async () => {
    await loadRows([{ token: 1, symbol: 'X440CE', strike: '440' }, { token: 2, symbol: 'X450CE', strike: '450' }]);
    const before = await listed();
    const result = await loadRows([{ token: 3, symbol: 'X440CE', strike: '440' }, { token: 1, symbol: 'X420.75CE', strike: '420.75' }, { token: 2, symbol: 'X430CE', strike: '430' }]);
    expect(result).toMatchObject({ inserted: 1, updated: 2, delisted: 0, warnings: 0 });
    const after = await listed();
    expect(after.map(({ symbol }) => symbol)).toEqual(['X420.75CE', 'X430CE', 'X440CE']);
    expect(after.slice(0, 2).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it('speaks only for the exchanges it names', async () => {
    await loadRows([...contracts(10), ...contracts(10, 5_000).map((row) => ({ ...row, exchange: 'NSE' }))]);
    expect(await loadRows(contracts(10))).toMatchObject({ delisted: 0, unchanged: 10 });
    await load(kiteCsv(contracts(3)), { broker: 'elsewhere' });
    expect(await listed()).toHaveLength(20);
    expect(await listed('elsewhere')).toHaveLength(3);
  });

  it('that would delist more than 20 % is refused and leaves no trace, unless forced', async () => {
    await loadRows(contracts(100));
    const before = await countAll();
    await expect(loadRows(contracts(79))).rejects.toMatchObject({ code: 'INSTRUMENTS_DELISTING_TOO_MANY', details: { kind: 'conflict', extra: { delisted: 21, listed: 100 } } });
    expect(await countAll()).toEqual(before);
    expect(await loadRows(contracts(80))).toMatchObject({ delisted: 20 });
    expect(await loadRows(contracts(1), true)).toMatchObject({ delisted: 79 });
    expect((await countAll())['instruments']).toBe(100);
  });

  it('leaves bad rows out with line and reason, and never delists their contracts', async () => {
    await loadRows(contracts(10));
    const rows = kiteCsv(contracts(10)).trimEnd().split('\n');
    const change = (index: number, from: string, to: string) => (rows[index] = rows[index]!.replace(from, to));
    change(1, '2026-08-25', '2026-02-30');
    change(2, '100.0', 'many');
    change(3, ',NFO-OPT,NFO', '');
    change(4, ',ACME,', ',AC\0ME,');
    change(5, ',NFO-OPT,NFO', ',NFO-OPT,');
    change(6, 'ACME26AUG1005CE,ACME', ',');
    change(7, '0.05', '-0.05');
    const result = await load(rows.join('\n'));
    expect(result).toMatchObject({ quarantined: 7, unchanged: 3, delisted: 0, inserted: 0 });
    expect((await issuesOf(result)).map(({ line, field, reason }) => [line, field, reason])).toEqual([
      [2, 'expiry', 'not a date: "2026-02-30"'],
      [3, 'strike', 'not a number of 0 or more: "many"'],
      [4, null, '10 columns where the header has 12'],
      [5, null, 'it contains U+0000'],
      [6, 'exchange', 'the exchange is blank or longer than 32 characters'],
      [7, 'tradingsymbol', 'both the symbol and the name are blank'],
      [8, 'tick_size', 'not a number of 0 or more: "-0.05"'],
    ]);
    expect(await listed()).toHaveLength(10);
  });

  it('delists nothing while a row shows no key at all, and says so', async () => {
    await loadRows(contracts(100));
    const withBroken = kiteCsv(contracts(99)).trimEnd() + '\n,1,"broken\n';
    const result = await load(withBroken);
    expect(result).toMatchObject({ quarantined: 1, delisted: 0, warnings: 1, unchanged: 99 });
    expect(await issuesOf(result)).toEqual([
      expect.objectContaining({ line: 101, reason: 'a quote is not closed, or text follows a closed one' }),
      expect.objectContaining({ line: 0, severity: 'warning', reason: expect.stringContaining('1 contracts missing') as string }),
    ]);
    expect(await load(withBroken, { force: true })).toMatchObject({ delisted: 1 });
  });

  it('takes the last of rows with one key, keeps repeated and blank symbols, and warns of each', async () => {
    const result = await load(
      kiteCsv([{ token: 1, symbol: 'A', strike: '1' }, { token: 2, symbol: 'B' }, { token: 1, symbol: 'A', strike: '2' }, { token: 3, symbol: 'B' }, { token: 4, symbol: '', name: 'Nifty 50' }]),
    );
    expect(result).toMatchObject({ inserted: 4, updated: 0, unchanged: 0, quarantined: 0, warnings: 4 });
    expect((await listed()).map(({ key, symbol, strike }) => [key, symbol, strike])).toEqual([['1', 'A', '2'], ['2', 'B', '100'], ['3', 'B', '100'], ['4', 'Nifty 50', '100']]);
    expect((await issuesOf(result)).map(({ line, reason }) => [line, reason]).sort()).toEqual([
      [4, 'the key occurs in a line above already; the last one is taken'],
      [4, 'the symbol occurs on NFO in a line above already'],
      [5, 'the symbol occurs on NFO in a line above already'],
      [6, 'the symbol is blank; the name stands in for it'],
    ]);
  });

  it('keeps odd but whole text as it is: quotes, separators, backslashes, line breaks, other scripts', async () => {
    const name = 'A, "B" \\ \\N \t 行 🚀 \u202Ereversed\nnext';
    const result = await load(`${KITE_HEADER}\n1,"x\\y\t""z""",SYM,"${name.replaceAll('"', '""')}",0,,0,0.05,1,EQ,NSE,NSE\n2,1,TWO,Two,0,,0,1e-05,1,EQ,NSE,NSE`);
    expect(result).toMatchObject({ inserted: 2, quarantined: 0 });
    const [row] = await database.rows(`SELECT name, attributes FROM instruments WHERE instrument_key = '1'`);
    expect(row).toEqual({ name, attributes: { exchange_token: 'x\\y\t"z"' } });
    expect(await database.rows(`SELECT tick_size::text FROM instruments WHERE instrument_key = '2'`)).toEqual([{ tick_size: '0.00001' }]);
  });

  const csv = kiteCsv(contracts(2_000));
  it.each<[string, string | Buffer, string]>([
    ['an empty file', '', 'INSTRUMENTS_FILE_EMPTY'],
    ['white space', ' \n\n ', 'INSTRUMENTS_FILE_EMPTY'],
    ['an empty gzip', gzipSync(''), 'INSTRUMENTS_FILE_EMPTY'],
    ['a header only', `${KITE_HEADER}\n`, 'INSTRUMENTS_FILE_NO_ROWS'],
    ['a header only, without its line end', KITE_HEADER, 'INSTRUMENTS_FILE_NO_ROWS'],
    ['nothing but bad rows', `${KITE_HEADER}\n1,2\n`, 'INSTRUMENTS_FILE_NO_ROWS'],
    ['a web page', '\n<!DOCTYPE html><html><body>502 Bad Gateway</body></html>', 'INSTRUMENTS_FILE_IS_HTML'],
    ['another file', 'date,open,close\n2026-01-01,1,2\n', 'INSTRUMENTS_WRONG_HEADER'],
    ['an error in JSON', '{"status":"error","message":"token expired"}', 'INSTRUMENTS_FILE_NOT_JSON_ARRAY'],
    ['a JSON master without a mapping', '[{"token":"1"}]', 'INSTRUMENTS_MAPPING_NEEDED'],
    ['a ZIP', Buffer.from('PK\x03\x04rest of it'), 'INSTRUMENTS_FILE_IS_ARCHIVE'],
    ['a gzip cut off', gzipSync(csv).subarray(0, 3_000), 'INSTRUMENTS_FILE_TRUNCATED'],
    ['a damaged gzip', corrupted(gzipSync(csv)), 'INSTRUMENTS_FILE_CORRUPT'],
    ['UTF-16', Buffer.from(`\uFEFF${csv}`, 'utf16le'), 'INSTRUMENTS_FILE_ENCODING'],
    ['UTF-16 without its mark', Buffer.from(csv, 'utf16le'), 'INSTRUMENTS_FILE_ENCODING'],
    ['ISO-8859-1', Buffer.from(csv.replace('ACME,', 'ACMÉ,'), 'latin1'), 'INSTRUMENTS_FILE_ENCODING'],
    ['text cut in the middle of a character', Buffer.from(`${csv}1,É`).subarray(0, -1), 'INSTRUMENTS_FILE_ENCODING'],
    ['a column twice', `${KITE_HEADER},name\n1\n`, 'INSTRUMENTS_WRONG_HEADER'],
  ])('refuses %s clearly and leaves no trace', async (_what, bytes, expected) => {
    const before = await countAll();
    await expect(load(bytes)).rejects.toThrow(code(expected));
    expect(await countAll()).toEqual(before);
    expect(await database.rows(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`)).toHaveLength(0);
    expect(await load(csv)).toMatchObject({ inserted: 2_000 });
  });

  it('says in which line the encoding breaks', async () => {
    const rows = csv.split('\n');
    rows[1_499] = rows[1_499]!.replace('ACME,', 'ACMÉ,');
    await expect(load(Buffer.from(rows.join('\n'), 'latin1'))).rejects.toThrow(/in line 1500 /);
  });

  it('refuses a line of 100 MB after its first megabyte, with or without gzip', async () => {
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${csv}1,2,`);
      for (let megabytes = 0; megabytes < 100; megabytes++) {
        served++;
        yield Buffer.alloc(1024 * 1024, 0x41);
      }
    }
    let served = 0;
    const before = await countAll();
    await expect(desk.get(InstrumentImporter).import(endless(), { broker: 'zerodha', source: 'made' })).rejects.toThrow(code('INSTRUMENTS_FILE_LINE_TOO_LONG'));
    expect(served).toBeLessThan(5);
    await expect(load(gzipSync(Buffer.alloc(100 * 1024 * 1024, 0x41)))).rejects.toThrow(code('INSTRUMENTS_FILE_LINE_TOO_LONG'));
    expect(await countAll()).toEqual(before);
  });

  it('ends with a source that breaks off or stalls, and gives its connection back', async () => {
    async function* stalled(): AsyncGenerator<Buffer> {
      yield Buffer.from(csv);
      await new Promise(() => undefined);
    }
    await expect(desk.get(InstrumentImporter).import(stalled(), { broker: 'zerodha', source: 'made' })).rejects.toThrow(code('INSTRUMENTS_SOURCE_STALLED'));
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from(csv);
      await Promise.resolve();
      throw new Error('ECONNRESET');
    }
    await expect(desk.get(InstrumentImporter).import(broken(), { broker: 'zerodha', source: 'made' })).rejects.toThrow(code('INSTRUMENTS_SOURCE_BROKEN'));
    expect((await countAll())['instruments']).toBe(0);
    expect(await load(csv)).toMatchObject({ inserted: 2_000 });
  });

  it('of a broker that is being imported is told so at once; another broker’s goes on', async () => {
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
    const first = desk.get(InstrumentImporter).import(slow(), { broker: 'zerodha', source: 'made', onProgress: () => undefined });
    await staged;
    await expect(load(csv)).rejects.toThrow(code('INSTRUMENTS_IMPORT_RUNNING'));
    expect(await load(csv, { broker: 'elsewhere' })).toMatchObject({ inserted: 2_000 });
    release();
    expect(await first).toMatchObject({ inserted: 2_000 });
    expect(await load(csv)).toMatchObject({ unchanged: 2_000 });
  });

  it('reads a JSON array by a mapping: key of two columns, its dates, hundredths, its words for nothing', async () => {
    const mapping = masterMappingSchema.parse({
      name: 'angel',
      format: 'json',
      key: ['exch_seg', 'token'],
      columns: {
        exchange: 'exch_seg',
        tradingsymbol: 'symbol',
        name: 'name',
        instrumentType: 'instrumenttype',
        expiry: { column: 'expiry', formats: ['DDMMMYYYY'] },
        strike: { column: 'strike', blank: ['-1.000000'], divideBy: 100 },
        tickSize: { column: 'tick_size', divideBy: 100 },
        lotSize: 'lotsize',
      },
    });
    const rows = Array.from({ length: 3_000 }, (_, index) => ({ token: String(index), symbol: `SBIN${index}-{"EQ"}`, name: 'SBIN', expiry: index % 2 ? '25AUG2026' : '', strike: index % 2 ? '82050.000000' : '-1.000000', lotsize: '1', instrumenttype: '', exch_seg: 'NSE', tick_size: '5.000000', note: null }));
    const json = JSON.stringify(rows);
    expect(await load(json, { broker: 'angelone', mapping })).toMatchObject({ inserted: 3_000, quarantined: 0 });
    const found = await listed('angelone');
    expect(found.find((row) => row.key === 'NSE|1')).toMatchObject({ symbol: 'SBIN1-{"EQ"}', expiry: '2026-08-25', strike: '820.5' });
    expect(found.find((row) => row.key === 'NSE|2')).toMatchObject({ expiry: null, strike: null });
    expect(await load(json, { broker: 'angelone', mapping })).toMatchObject({ unchanged: 3_000 });
    await expect(load(json.slice(0, -40), { broker: 'angelone', mapping })).rejects.toThrow(code('INSTRUMENTS_FILE_BROKEN_JSON'));
  });

  it('tells the change feed once and records one event', async () => {
    const { releaseId } = await loadRows(contracts(5));
    expect(await database.rows(`SELECT topic, key FROM change_feed WHERE topic = 'instruments'`)).toEqual([{ topic: 'instruments', key: releaseId }]);
    expect(await database.rows(`SELECT type, payload ->> 'inserted' AS inserted FROM trading_events`)).toEqual([{ type: 'InstrumentsImported', inserted: '5' }]);
  });
});

function corrupted(gzip: Buffer): Buffer {
  const bytes = Buffer.from(gzip);
  bytes.fill(0x5a, bytes.length >> 1, (bytes.length >> 1) + 40);
  return bytes;
}
