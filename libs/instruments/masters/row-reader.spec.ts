import { detectMaster } from './master-detection.js';
import { type MasterMapping } from './master-mapping.js';
import { mappingOf } from './read-master.fixture.js';
import { RowReader } from './row-reader.js';

const HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange'.split(
    ',',
  );
const ROW = ['1', '2', 'SYM', 'NAME', '0.0', '2026-08-25', '100.0', '0.05', '50', 'CE', 'NFO-OPT', 'NFO'];

const detected = (header: readonly string[]) =>
  detectMaster({ broker: 'zerodha', head: `${header.join(',')}\n`, isWhole: true });

describe('a row of a master', () => {
  const reader = new RowReader(detected(HEADER), 'zerodha', HEADER);
  const row = (change: Record<string, string>) => HEADER.map((column, index) => change[column] ?? ROW[index]!);

  it('a row becomes one line for COPY without its price', () => {
    expect(reader.read(ROW)).toEqual({
      key: '1',
      exchange: 'NFO',
      symbol: 'SYM',
      warning: undefined,
      copy: '1\tNFO\tNFO-OPT\tSYM\tNAME\t2026-08-25\t100.0\tCE\t0.05\t50\t{"exchange_token":"2"}\n',
    });
    expect([...reader.exchanges]).toEqual(['NFO']);
  });

  it.each(['0', '-1', '-2.5e1', '0.00001', '1e-05', '1E5', '+3', '0.30000000000000004', '00012'])(
    'a row with the number %s is read',
    (strike) => {
      expect(reader.read(row({ strike })).quarantined).toBeUndefined();
    },
  );

  it.each(['NaN', 'Infinity', '1,000', '0x10', '1e999', '1'.repeat(40), '١', '1.', '.5', '\\N'])(
    'a row with the number %s is quarantined and keeps its key',
    (strike) => {
      expect(reader.read(row({ strike }))).toEqual({
        key: '1',
        quarantined: { field: 'strike', reason: expect.stringContaining('not a number') as string },
      });
    },
  );

  it('characters that COPY or JSON would misread are escaped', () => {
    const { copy } = reader.read(row({ name: '\\N\t\n\r\\.', exchange_token: '"\\\u0001' }));
    expect(copy).toContain('\t\\\\N\\t\\n\\r\\\\.\t');
    expect(copy).toContain('{"exchange_token":"\\\\"\\\\\\\\\\\\u0001"}');
    expect(copy!.match(/\n/g)).toHaveLength(1);
  });

  it('a row with an oversized field is quarantined', () => {
    for (const [column, length] of [
      ['instrument_token', 201],
      ['exchange', 33],
      ['tradingsymbol', 501],
      ['name', 501],
      ['segment', 65],
      ['instrument_type', 65],
    ] as const) {
      expect(reader.read(row({ [column]: 'x'.repeat(length) })).quarantined).toBeDefined();
    }
  });

  it('a tick or lot below 0 is quarantined, and a strike below 0 is stored', () => {
    expect(reader.read(row({ tick_size: '-0.05' })).quarantined).toMatchObject({ field: 'tick_size' });
    expect(reader.read(row({ lot_size: '-1' })).quarantined).toEqual({
      field: 'lot_size',
      reason: 'not a number of 0 or more: "-1"',
    });
    expect(reader.read(row({ strike: '-2.5' })).copy).toContain('\t-2.5\t');
  });

  it('a header without a required column is refused', () => {
    expect(() => detected(HEADER.slice(1))).toThrow(
      expect.objectContaining({
        code: 'INSTRUMENTS_WRONG_HEADER',
        message: expect.stringContaining('instrument_token') as string,
      }) as Error,
    );
  });
});

describe('the columns of a mapping', () => {
  const HEAD = ['k', 's', 'x', 'y', 'kind'];
  const readerOf = (columns: object, more: object = {}) =>
    new RowReader(
      mappingOf({ key: ['k'], columns: { tradingsymbol: 's', ...columns }, constants: { exchange: 'X' }, ...more }),
      'b',
      HEAD,
    );
  const strikeOf = (strike: object, ...cells: string[]) => {
    const { copy, quarantined } = readerOf({ strike }).read(['1', 'S', ...cells]);
    return copy?.split('\t')[6] ?? quarantined;
  };
  const attributesOf = (columns: object, cells: string[], more?: object) => {
    const { copy, quarantined } = readerOf(columns, more).read(['1', 'S', ...cells]);
    return copy === undefined ? quarantined : (JSON.parse(copy.split('\t')[10]!) as unknown);
  };

  it('a division by a power of ten is exact', () => {
    expect(strikeOf({ column: 'x', divideBy: 100 }, '82050.5', '', '')).toBe('82050.5e-2');
    expect(strikeOf({ column: 'x', divideBy: 100 }, '1e3', '', '')).toBe('1e1');
  });

  it('the divisor may depend on the row: the first case that holds counts', () => {
    const cases = [
      {
        if: [
          { column: 'kind', is: ['OPTCUR'] },
          { column: 'y', not: ['', 'NSE'] },
        ],
        divideBy: 10_000_000,
      },
      { if: [{ column: 'kind', is: ['PLAIN'] }], divideBy: 1 },
    ];
    const strike = { column: 'x', divideBy: 100, when: cases };
    expect(strikeOf(strike, '885000000', 'CDS', 'OPTCUR')).toBe('885000000e-7');
    expect(strikeOf(strike, '885000000', 'NSE', 'OPTCUR')).toBe('885000000e-2');
    expect(strikeOf(strike, '885000000', '', 'OPTCUR')).toBe('885000000e-2');
    expect(strikeOf(strike, '88.5', '', 'PLAIN')).toBe('88.5');
  });

  it('two columns are multiplied exactly, and a blank one gives no value', () => {
    const product = { column: 'x', times: 'y' };
    expect(strikeOf(product, '1', '0.01', '')).toBe('0.01');
    expect(strikeOf(product, '0.1', '0.2', '')).toBe('0.02');
    expect(strikeOf(product, '1', '', '')).toBe('\\N');
    expect(strikeOf(product, '1', 'many', '')).toEqual({ field: 'y', reason: 'not a number: "many"' });
  });

  it('a blank number is any spelling of it, and a number that is not blank is stored', () => {
    const strike = { column: 'x', blank: ['-1', '-0.01', 'XX'] };
    for (const blank of ['-1', '-1.000000', '-0.01000', 'XX', '', ' '])
      expect(strikeOf(strike, blank, '', '')).toBe('\\N');
    expect(strikeOf(strike, '-1.5', '', '')).toBe('-1.5');
    const tick = readerOf({ tickSize: { column: 'x', blank: ['-1'] } });
    expect(tick.read(['1', 'S', '-1.0', '', '']).copy?.split('\t')[8]).toBe('\\N');
    expect(tick.read(['1', 'S', '-2', '', '']).quarantined).toBeDefined();
  });

  it('a decimal comma is read where the mapping says so, and then a point is refused', () => {
    const commas = readerOf({ strike: 'x' }, { decimalMark: ',' });
    expect(commas.read(['1', 'S', '1234,5', '', '']).copy?.split('\t')[6]).toBe('1234.5');
    expect(commas.read(['1', 'S', '1.234,5', '', '']).quarantined).toMatchObject({ field: 'x' });
    expect(commas.read(['1', 'S', '1.234', '', '']).quarantined).toMatchObject({ field: 'x' });
    expect(strikeOf({ column: 'x' }, '1,234', '', '')).toMatchObject({ field: 'x' });
  });

  it('texts are mapped, and a text that is not in the map is kept or refused', () => {
    const map = { C: 'CE', P: 'PE', '-': '' };
    expect(attributesOf({ optionType: { column: 'kind', map } }, ['', '', 'C'])).toEqual({ optionType: 'CE' });
    expect(attributesOf({ optionType: { column: 'kind', map } }, ['', '', '-'])).toEqual({});
    expect(attributesOf({ optionType: { column: 'kind', map } }, ['', '', 'F'])).toEqual({ optionType: 'F' });
    expect(attributesOf({ optionType: { column: 'kind', map, others: 'refuse' } }, ['', '', 'F'])).toEqual({
      field: 'kind',
      reason: 'not one of C, P, -: "F"',
    });
    expect(attributesOf({ optionType: { column: 'kind', map, others: 'refuse' } }, ['', '', ''])).toEqual({});
  });

  it('the first column that has a value is used, and the others stay attributes', () => {
    const name = { first: ['x', 'y'], blank: ['NaN'] };
    const of = (x: string, y: string) => readerOf({ name }).read(['1', 'S', x, y, '']).copy?.split('\t')[4];
    expect([of('A', 'B'), of(' NaN ', 'B'), of('', '')]).toEqual(['A', 'B', '']);
    expect(attributesOf({ name }, ['A', 'B', ''])).toEqual({ y: 'B' });
  });

  it('values without a column of their own are attributes with our names, and numbers in them are written alike', () => {
    const columns = { isin: 'x', currency: 'y', multiplier: 'kind' };
    expect(attributesOf(columns, ['INE1', 'GBX', '75.0'])).toEqual({ isin: 'INE1', currency: 'GBX', multiplier: '75' });
    expect(
      attributesOf({}, ['', '', ''], { constants: { exchange: 'X', currency: 'USD', multiplier: '0.01' } }),
    ).toEqual({
      currency: 'USD',
      multiplier: '0.01',
    });
    expect(attributesOf(columns, ['', '', '0'])).toMatchObject({ field: 'kind' });
    expect(attributesOf(columns, ['x'.repeat(33), '', ''])).toMatchObject({ field: 'x' });
  });

  it('a row that fails a condition is left out, and blank texts are none in every column', () => {
    const where = [
      { column: 'x', not: [''] },
      { column: 'kind', is: ['live', 'new'] },
    ];
    const reader = readerOf({}, { where, blank: ['NA'] });
    expect(reader.read(['1', 'S', 'NA', '', 'live'])).toEqual({ filtered: true });
    expect(reader.read(['1', 'S', 'a', '', 'gone'])).toEqual({ filtered: true });
    expect(reader.read(['1', 'S', 'a', ' NA ', 'new']).copy).toContain('{"x":"a","kind":"new"}');
  });

  it('a part of the key may be the exchange as it is stored', () => {
    const columns = { exchange: { column: 'x', map: { N: 'NSE' }, others: 'refuse' } };
    const reader = readerOf(columns, { key: ['@exchange', 'k'] });
    expect(reader.read(['1', 'S', 'N', '', '']).key).toBe('NSE|1');
    expect(reader.read(['1', 'S', 'B', '', ''])).toMatchObject({ key: undefined, quarantined: { field: 'x' } });
  });

  it('of a column with alternatives, a header needs one', () => {
    const mapping: MasterMapping = mappingOf({
      key: ['k'],
      columns: { tradingsymbol: { first: ['short', 's'] } },
      constants: { exchange: 'X' },
    });
    expect(new RowReader(mapping, 'b', ['k', 's']).read(['1', 'A']).symbol).toBe('A');
    expect(() => new RowReader(mapping, 'b', ['k', 'other'])).toThrow('lacks the columns short, s');
  });
});
