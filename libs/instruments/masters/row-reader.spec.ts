import { masterOfHeader } from './built-in-masters.js';
import { masterMappingSchema } from './master-mapping.js';
import { RowReader } from './row-reader.js';

const HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange'.split(
    ',',
  );
const ROW = ['1', '2', 'SYM', 'NAME', '0.0', '2026-08-25', '100.0', '0.05', '50', 'CE', 'NFO-OPT', 'NFO'];

describe('a row of a master', () => {
  const reader = new RowReader(masterOfHeader('zerodha', HEADER), 'zerodha', HEADER);
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

  it.each(['0', '0.00001', '1e-05', '1E5', '+3', '0.30000000000000004', '00012'])(
    'a row with the number %s is read',
    (strike) => {
      expect(reader.read(row({ strike })).quarantined).toBeUndefined();
    },
  );

  it.each(['-1', 'NaN', 'Infinity', '1,000', '0x10', '1e999', '1'.repeat(40), '١', '1.', '.5', '\\N'])(
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

  it('a division by a power of ten is exact', () => {
    const mapping = masterMappingSchema.parse({
      name: 'm',
      key: ['k'],
      columns: { tradingsymbol: 's', strike: { column: 'x', divideBy: 100 } },
      constants: { exchange: 'X' },
    });
    const hundredths = new RowReader(mapping, 'b', ['k', 's', 'x']);
    expect(hundredths.read(['1', 'S', '82050.5']).copy).toContain('\t82050.5e-2\t');
    expect(hundredths.read(['1', 'S', '1e3']).copy).toContain('\t1e1\t');
  });

  it('a header without a required column is refused', () => {
    expect(() => masterOfHeader('zerodha', HEADER.slice(1))).toThrow(
      expect.objectContaining({
        code: 'INSTRUMENTS_WRONG_HEADER',
        message: expect.stringContaining('instrument_token') as string,
      }) as Error,
    );
  });
});

describe('a mapping file', () => {
  it.each([
    [{ name: 'm', key: ['k'], columns: { tradingsymbol: 's' } }, 'columns.exchange or constants.exchange'],
    [{ name: 'm', key: [], columns: { tradingsymbol: 's', exchange: 'e' } }, 'key'],
    [
      { name: 'm', key: ['k'], columns: { tradingsymbol: 's', exchange: 'e', strike: { column: 'x', divideBy: 3 } } },
      'strike',
    ],
    [{ name: 'm', key: ['k'], columns: { tradingsymbol: 's', exchange: 'e' }, typo: 1 }, 'typo'],
  ])('a malformed mapping file is refused with the name of the wrong field', (mapping, field) => {
    expect(JSON.stringify(masterMappingSchema.safeParse(mapping).error?.issues)).toContain(field);
  });
});
