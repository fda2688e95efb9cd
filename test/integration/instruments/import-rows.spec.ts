import { masterMappingSchema } from '../../../libs/instruments/masters/master-mapping.js';
import { code, importsDesk } from './imports-desk.fixture.js';
import { bytesOf, contracts, KITE_HEADER, kiteCsv, MADE_EXPIRY } from './masters.fixture.js';

describe('an import, of odd rows,', () => {
  const { query, importFrom, load, loadRows, listed, issuesOf, clock } = importsDesk();

  it('an import ignores the size of the pieces it reads, and a changed price', async () => {
    const csv = kiteCsv(contracts(20));
    await importFrom(bytesOf(csv, 7));
    expect(await load(csv.replaceAll(',0.0,20', ',123.45,20'))).toMatchObject({ unchanged: 20 });
  });

  it('bad rows are quarantined with line and reason, and their contracts stay listed', async () => {
    await loadRows(contracts(10));
    const rows = kiteCsv(contracts(10)).trimEnd().split('\n');
    const change = (index: number, from: string, to: string) => (rows[index] = rows[index]!.replace(from, to));
    change(1, MADE_EXPIRY, '2026-02-30');
    change(2, '100.0', 'many');
    change(3, ',NFO-OPT,NFO', '');
    change(4, ',ACME,', ',AC\0ME,');
    change(5, ',NFO-OPT,NFO', ',NFO-OPT,');
    change(6, 'ACME26AUG1005CE,ACME', ',');
    change(7, '0.05', '-0.05');
    await expect(load(rows.join('\n'))).rejects.toThrow(code('INSTRUMENTS_QUARANTINED_TOO_MANY'));
    const result = await load(rows.join('\n'), { force: true });
    expect(result).toMatchObject({ quarantined: 7, unchanged: 3, delisted: 0, inserted: 0 });
    expect((await issuesOf(result)).map(({ line, field, reason }) => [line, field, reason])).toEqual([
      [2, 'expiry', 'not a date: "2026-02-30"'],
      [3, 'strike', 'not a number: "many"'],
      [4, null, '10 columns where the header has 12'],
      [5, null, 'it contains U+0000'],
      [6, 'exchange', 'the exchange is blank or longer than 32 characters'],
      [7, 'tradingsymbol', 'both the symbol and the name are blank'],
      [8, 'tick_size', 'not a number of 0 or more: "-0.05"'],
    ]);
    expect(await listed()).toHaveLength(10);
  });

  it('an import with an unreadable key delists nothing and reports it', async () => {
    await loadRows(contracts(100));
    const withBroken = kiteCsv(contracts(99)).trimEnd() + '\n,1,"broken\n';
    const result = await load(withBroken);
    expect(result).toMatchObject({ quarantined: 1, delisted: 0, warnings: 1, unchanged: 99 });
    expect(await issuesOf(result)).toEqual([
      expect.objectContaining({ line: 101, reason: 'a quote is not closed, or text follows a closed one' }),
      expect.objectContaining({
        line: 0,
        severity: 'warning',
        reason: expect.stringContaining('1 contracts missing') as string,
      }),
    ]);
    expect(await load(withBroken, { force: true })).toMatchObject({ delisted: 1 });
  });

  it('the last row of a repeated key is used, and repeated or blank symbols are kept with a warning', async () => {
    const result = await load(
      kiteCsv([
        { token: 1, symbol: 'A', strike: '1' },
        { token: 2, symbol: 'B' },
        { token: 1, symbol: 'A', strike: '2' },
        { token: 3, symbol: 'B' },
        { token: 4, symbol: '', name: 'Nifty 50' },
      ]),
    );
    expect(result).toMatchObject({ inserted: 4, updated: 0, unchanged: 0, quarantined: 0, warnings: 4 });
    expect((await listed()).map(({ key, symbol, strike }) => [key, symbol, strike])).toEqual([
      ['1', 'A', '2'],
      ['2', 'B', '100'],
      ['3', 'B', '100'],
      ['4', 'Nifty 50', '100'],
    ]);
    expect((await issuesOf(result)).map(({ line, reason }) => [line, reason]).sort()).toEqual([
      [4, 'the key already occurs in an earlier line; the last line is used'],
      [4, 'the symbol already occurs on NFO in an earlier line'],
      [5, 'the symbol already occurs on NFO in an earlier line'],
      [6, 'the symbol is blank; the name stands in for it'],
    ]);
  });

  it('unusual text is stored unchanged: quotes, separators, backslashes, line breaks, other scripts', async () => {
    const name = 'A, "B" \\ \\N \t 行 🚀 \u202Ereversed\nnext';
    const result = await load(
      `${KITE_HEADER}\n1,"x\\y\t""z""",SYM,"${name.replaceAll('"', '""')}",0,,0,0.05,1,EQ,NSE,NSE\n2,1,TWO,Two,0,,0,1e-05,1,EQ,NSE,NSE`,
    );
    expect(result).toMatchObject({ inserted: 2, quarantined: 0 });
    const [row] = await query(`SELECT name, attributes FROM instruments WHERE instrument_key = '1'`);
    expect(row).toEqual({ name, attributes: { exchange_token: 'x\\y\t"z"' } });
    expect(await query(`SELECT tick_size::text FROM instruments WHERE instrument_key = '2'`)).toEqual([
      { tick_size: '0.00001' },
    ]);
  });

  it('a mapping reads a JSON array: a key of two columns, dates, hundredths, and texts for no value', async () => {
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
    const rows = Array.from({ length: 3_000 }, (_, index) => ({
      token: String(index),
      symbol: `SBIN${index}-{"EQ"}`,
      name: 'SBIN',
      expiry: index % 2 ? '25AUG2026' : '',
      strike: index % 2 ? '82050.000000' : '-1.000000',
      lotsize: '1',
      instrumenttype: '',
      exch_seg: 'NSE',
      tick_size: '5.000000',
      note: null,
    }));
    const json = JSON.stringify(rows);
    clock.set('2026-08-17T06:00:00Z');
    expect(await load(json, { broker: 'angelone', mapping })).toMatchObject({ inserted: 3_000, quarantined: 0 });
    const found = await listed('angelone');
    expect(found.find((row) => row.key === 'NSE|1')).toMatchObject({
      symbol: 'SBIN1-{"EQ"}',
      expiry: '2026-08-25',
      strike: '820.5',
    });
    expect(found.find((row) => row.key === 'NSE|2')).toMatchObject({ expiry: null, strike: null });
    expect(await load(json, { broker: 'angelone', mapping })).toMatchObject({ unchanged: 3_000 });
    await expect(load(json.slice(0, -40), { broker: 'angelone', mapping })).rejects.toThrow(
      code('INSTRUMENTS_FILE_BROKEN_JSON'),
    );
  });
});
