import { csvQuotes, jsonQuotes } from './quote-records.js';

const NOW = new Date('2026-11-25T12:00:00Z');
const settings = { broker: 'acme' };
const failureOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
};

describe('prices of a quote file', () => {
  it('prices with exponents, thousands separators and a decimal comma are read exactly', () => {
    const csv = 'key;price\nA;8.51e-06\nB;1,23,456.50\nC;"95,000.5"\nD;1.2e5\n';
    const { quotes } = csvQuotes(csv, settings, NOW);
    expect(quotes.map(({ key, price }) => [key, price])).toEqual([
      ['A', '0.00000851'],
      ['B', '123456.50'],
      ['C', '95000.5'],
      ['D', '120000'],
    ]);
    const german = csvQuotes('key;price\nA;1.234,5\n', { ...settings, decimalMark: ',' }, NOW);
    expect(german.quotes[0]!.price).toBe('1234.5');
  });

  it('a price may be the middle of bid and ask, exactly and with the decimals of both', () => {
    const json = '[{"s":"A","b":"94999.90","a":"95000.10"},{"s":"B","b":1,"a":2},{"s":"C","b":0,"a":2}]';
    const { quotes, warnings } = jsonQuotes(json, { ...settings, key: 's', price: { mid: ['b', 'a'] } }, NOW);
    expect(quotes).toEqual([
      { broker: 'acme', key: 'A', price: '95000.00', kind: 'mid', asOf: NOW.toISOString() },
      { broker: 'acme', key: 'B', price: '1.5', kind: 'mid', asOf: NOW.toISOString() },
    ]);
    expect(warnings).toEqual([{ item: 'row 3', reason: 'the price "0, 2" of C is not a decimal number' }]);
  });

  it('prices in parts of a unit are divided, by another divisor where a condition applies', () => {
    const json = '[{"key":"A","price":31635,"x":1},{"key":"B","price":885025000,"x":13}]';
    const when = [{ if: [{ column: 'x', is: ['13'] }], divideBy: 10_000_000 }];
    const { quotes } = jsonQuotes(json, { ...settings, divideBy: 100, when }, NOW);
    expect(quotes.map(({ price }) => price)).toEqual(['316.35', '88.5025']);
  });

  it('a currency comes from a column or is fixed, and pence are GBX in both spellings', () => {
    const csv = 'key,price,currency\nA,433.7,GBp\nB,2,\nC,3,pounds\n';
    const { quotes, warnings } = csvQuotes(csv, { ...settings, currency: 'currency', fixedCurrency: 'EUR' }, NOW);
    expect(quotes.map(({ key, currency }) => [key, currency])).toEqual([
      ['A', 'GBX'],
      ['B', 'EUR'],
    ]);
    expect(warnings[0]!.reason).toMatch(/"pounds" of C is not a currency code/);
  });

  it('rows that say they have no price are one note, and not unreadable', () => {
    const { quotes, warnings, unreadable } = csvQuotes('key,price\nA,1\nB,N/D\nC,-\n', settings, NOW);
    expect(quotes).toHaveLength(1);
    expect(unreadable).toBe(0);
    expect(warnings).toEqual([{ item: 'document', reason: '2 without a price: B (N/D), C (-)' }]);
  });
});

describe('the previous close of a quote file', () => {
  const bars = 'Date,Close\n2026-11-20,100\n2026-11-24,104\n2026-11-23,102\n';
  const daily = { ...settings, fixedKey: 'X', previousClose: { barBefore: true } as const };

  it('the previous close of daily bars is the close of the bar before, in whatever order the bars come', () => {
    expect(csvQuotes(bars, { ...daily, closesAt: '16:00' }, NOW).quotes).toEqual([
      {
        broker: 'acme',
        key: 'X',
        price: '104',
        asOf: '2026-11-24T16:00:00.000Z',
        previousClose: '102',
        previousCloseDate: '2026-11-23',
      },
    ]);
  });

  it('the previous close of bars of minutes is the last of the day before, and not of the minute before', () => {
    const minutes = 'Time,Close\n2026-11-23 15:59,7\n2026-11-23 15:58,6\n2026-11-24 09:30,8\n2026-11-24 09:31,9\n';
    const [quote] = csvQuotes(minutes, daily, NOW).quotes;
    expect(quote).toMatchObject({ price: '9', previousClose: '7', previousCloseDate: '2026-11-23' });
  });

  it('a single bar has no previous close, and a close of 0 or of no text is none', () => {
    expect(csvQuotes('Date,Close\n2026-11-24,104\n', daily, NOW).quotes[0]).not.toHaveProperty('previousClose');
    const { quotes } = csvQuotes('key,price,prev_close\nA,1,0\nB,1,\nC,1,2\n', settings, NOW);
    expect(quotes.map(({ previousClose }) => previousClose)).toEqual([undefined, undefined, '2']);
  });
});

describe('columns of a quote file', () => {
  it.each([
    ['a price column that is set', { price: 'Preis' }, /"Preis"; the columns are Symbol, Last, Date/],
    ['a column of a middle price', { price: { mid: ['Last', 'Ask'] as [string, string] } }, /"Ask"/],
    ['one of two time columns', { time: ['Date', 'Time'] }, /"Time"/],
    ['a close column', { previousClose: 'Prev' }, /"Prev"/],
    ['a currency column', { currency: 'Ccy' }, /"Ccy"/],
    ['a column of a condition', { when: [{ if: [{ column: 'Kind', is: ['x'] }], divideBy: 100 }] }, /"Kind"/],
  ])('%s that the header lacks is a failure that names the header', (_name, more, message) => {
    const work = () => csvQuotes('Symbol,Last,Date\nA,1,2026-11-24\n', { ...settings, ...more }, NOW);
    expect(failureOf(work)).toMatch(message);
  });

  it('a file without any usual column of a key or a price is a failure that names the header', () => {
    expect(failureOf(() => csvQuotes('a,b\n1,2\n', settings, NOW))).toMatch(
      /a column of the key .*the columns are a, b/,
    );
    expect(failureOf(() => csvQuotes('key,b\n1,2\n', settings, NOW))).toMatch(/a column of the price/);
  });

  it('a field that no element of JSON has is a failure, and one that some elements lack is not', () => {
    const json = '[{"s":"A","p":1,"c":2},{"s":"B","p":2}]';
    const { quotes } = jsonQuotes(json, { ...settings, key: 's', price: 'p', previousClose: 'c' }, NOW);
    expect(quotes.map(({ previousClose }) => previousClose)).toEqual(['2', undefined]);
    expect(failureOf(() => jsonQuotes(json, { ...settings, key: 's', price: 'q' }, NOW))).toMatch(
      /the field "q"; the columns are s, p, c/,
    );
  });

  it('a file of which no row can be read is a failure, and not a quiet source', () => {
    const work = () => csvQuotes('key,price,time\nA,1,11/5/2019\nB,2,11/6/2019\n', settings, NOW);
    expect(failureOf(work)).toMatch(/none of its 2 rows can be read, the first because .*set dateFormat/);
  });
});
