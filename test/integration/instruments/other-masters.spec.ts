import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mappingOf, zipOf } from '../../../libs/instruments/masters/read-master.fixture.js';
import { importsDesk } from './imports-desk.fixture.js';
import { KITE_HEADER } from './masters.fixture.js';

describe('an import of masters of other brokers', () => {
  const { query, load, issuesOf } = importsDesk();
  const stored = (broker: string) =>
    query<{ key: string; strike: string; tick: string; attributes: Record<string, string> }>(
      `SELECT instrument_key AS key, trim_scale(strike)::text AS strike, trim_scale(tick_size)::text AS tick, attributes
       FROM instruments WHERE broker = $1 AND delisted_at IS NULL ORDER BY instrument_key COLLATE "C"`,
      [broker],
    );

  it('scaled, negative and multiplied numbers are stored exactly, and another spelling of them is no change', async () => {
    const mapping = mappingOf({
      format: 'json',
      rows: 'data',
      where: [{ column: 'state', is: ['live'] }],
      key: ['id'],
      columns: {
        tradingsymbol: 'id',
        currency: 'ccy',
        strike: { column: 'stk', divideBy: 100 },
        tickSize: { column: 'tick', divideBy: 100 },
        multiplier: { column: 'value', times: 'factor' },
      },
      constants: { exchange: 'X' },
    });
    const file = (stk: string, value: string) =>
      JSON.stringify({
        data: [
          { id: 'A', stk, tick: '5.0000', value, factor: '0.01', ccy: 'USD', state: 'live' },
          { id: 'B', stk: '', tick: '', value: '', factor: '', ccy: '', state: 'gone', late: 'x' },
          { id: 'C', stk: '885000000.000000e-5', tick: '', value: '', factor: '', ccy: '', state: 'live', late: 'x' },
        ],
      });
    expect(await load(file('-250', '100'), { broker: 'made', mapping })).toMatchObject({ inserted: 2, quarantined: 0 });
    expect(await stored('made')).toEqual([
      {
        key: 'A',
        strike: '-2.5',
        tick: '0.05',
        attributes: expect.objectContaining({ currency: 'USD', multiplier: '1' }) as object,
      },
      { key: 'C', strike: '88.5', tick: null, attributes: { late: 'x', state: 'live' } },
    ]);
    expect(await load(file('-250.00', '100'), { broker: 'made', mapping })).toMatchObject({
      unchanged: 2,
      delisted: 0,
    });
  });

  it('texts that JSON can express and PostgreSQL cannot store are quarantined or replaced', async () => {
    const mapping = mappingOf({
      format: 'json',
      key: ['id'],
      columns: { tradingsymbol: 'id' },
      constants: { exchange: 'X' },
    });
    const half = String.raw`"\ud83d and a \"quote\""`;
    const file = `[{"id":"A","x":${half},"${String.raw`n\u0000m\udc00`}":"1"},{"id":"B","x":"${String.raw`\u0000`}"},{"id":${half}}]`;
    expect(await load(file, { broker: 'made', mapping, force: true })).toMatchObject({ inserted: 2, quarantined: 1 });
    expect((await stored('made')).map(({ key, attributes }) => [key, attributes])).toEqual([
      ['A', { x: '\uFFFD and a "quote"', 'nm\uFFFD': '1' }],
      ['\uFFFD and a "quote"', {}],
    ]);
  });

  it('a ZIP file, UTF-16 and Latin-1 are read, and the import names what was quarantined', async () => {
    const rows = Array.from({ length: 9 }, (_, at) => `${at},1,ROW${at},Énergie,0,2026-08-25,1,0.05,1,CE,NFO-OPT,NFO`);
    const csv = [KITE_HEADER, ...rows, '9,1,BAD,Bad,0,soon,1,0.05,1,CE,NFO-OPT,NFO', ''].join('\n');
    const inZip = await load(zipOf({ 'kite.csv': csv }, { isDeflated: true }));
    expect(inZip).toMatchObject({ inserted: 9, quarantined: 1 });
    expect(await issuesOf(inZip)).toEqual([expect.objectContaining({ line: 11, reason: 'not a date: "soon"' })]);
    expect(await load(Buffer.from(`\uFEFF${csv}`, 'utf16le'))).toMatchObject({ unchanged: 9, quarantined: 1 });
    const mapping = mappingOf({
      encoding: 'latin1',
      key: ['k'],
      columns: { tradingsymbol: 'n' },
      constants: { exchange: 'X' },
    });
    await load(Buffer.from('k,n\n7,Énergie\n', 'latin1'), { broker: 'made', mapping });
    expect(await query(`SELECT tradingsymbol FROM instruments WHERE broker = 'made'`)).toEqual([
      { tradingsymbol: 'Énergie' },
    ]);
  });

  it('files of one broker that share an exchange delist nothing of each other', async () => {
    const sample = (name: string) => readFileSync(join('libs/instruments/masters/built-in/samples', name));
    for (const name of ['flattrade.csv', 'flattrade_index.csv', 'flattrade.csv'])
      expect(await load(sample(name), { broker: 'flattrade' })).toMatchObject({ delisted: 0, quarantined: 0 });
    expect((await stored('flattrade')).map(({ key }) => key)).toEqual([
      'NFO|40001',
      'NFO|40010',
      'NSE|1594',
      'NSE|26000',
    ]);
    for (const name of ['okx_swap.json', 'okx_option.json', 'okx_swap.json'])
      expect(await load(sample(name), { broker: 'okx' })).toMatchObject({ delisted: 0, quarantined: 0 });
    expect(await stored('okx')).toHaveLength(2);
  });

  it('one page of several delists nothing', async () => {
    const mapping = mappingOf({
      format: 'json',
      rows: 'rows',
      page: 'next',
      key: ['k'],
      columns: { tradingsymbol: 'k' },
      constants: { exchange: 'X' },
    });
    const page = (keys: string[], next: string) => JSON.stringify({ rows: keys.map((k) => ({ k })), next });
    await load(page(['A', 'B'], ''), { broker: 'made', mapping });
    const result = await load(page(['C'], 'p2'), { broker: 'made', mapping, force: true });
    expect(result).toMatchObject({ inserted: 1, delisted: 0 });
    expect((await stored('made')).map(({ key }) => key)).toEqual(['A', 'B', 'C']);
    expect(await load(page(['C'], ''), { broker: 'made', mapping, force: true })).toMatchObject({ delisted: 2 });
  });

  it('a cut file whose trailer counts stores nothing and delists nothing', async () => {
    const mapping = mappingOf({
      trailer: { startsWith: '#EOF,', counts: true },
      key: ['k'],
      columns: { tradingsymbol: 'k' },
      constants: { exchange: 'X' },
    });
    await load('k,n\nA,1\nB,2\n#EOF,2\n', { broker: 'made', mapping });
    await expect(load('k,n\nA,1\n#EOF,2\n', { broker: 'made', mapping, force: true })).rejects.toMatchObject({
      code: 'INSTRUMENTS_FILE_INCOMPLETE',
      message: expect.stringContaining('It says 2 rows and has 1.') as string,
    });
    expect((await stored('made')).map(({ key }) => key)).toEqual(['A', 'B']);
  });
});
