import { readFileSync } from 'node:fs';
import { positionsCsv } from './positions-csv.js';

describe('positions as CSV', () => {
  it('texts that a spreadsheet would run are made harmless, and amounts keep their digits', () => {
    const position = {
      tradingsymbol: '=HYPERLINK("x")',
      value: '-0.10',
      dayPnl: '12345678901234567890.10',
      price: null,
    };
    const [header, row, end] = positionsCsv([
      { ...position, key: '@SUM(A1)', flags: ['no_price', 'stale_price'] },
    ]).split('\r\n');
    expect(header).toMatch(/^portfolioId,broker,key,leg,tradingsymbol,.*,flags$/);
    expect(row).toBe(`,,'@SUM(A1),,"'=HYPERLINK(""x"")",,,,,,,-0.10,,12345678901234567890.10,,,no_price stale_price`);
    expect(end).toBe('');
  });

  it('the console and the desk have the same rule against formulas', () => {
    const [own, desk] = ['apps/console/src/portfolios/positions-csv.ts', 'libs/http/lists/csv.ts'].map((path) =>
      readFileSync(path, 'utf8').match(/^const (?:FORMULA|NUMBER|QUOTED) = .*$/gm),
    );
    expect(own).toHaveLength(3);
    expect(own).toEqual(desk);
  });
});
