import { csvQuotes, jsonQuotes } from './quote-records.js';

const NOW = new Date('2026-11-04T16:00:00Z');
const settings = { broker: 'acme' };

describe('quotes of a CSV', () => {
  it('quotes of a CSV are found by common column names', () => {
    const { quotes } = csvQuotes(
      'Symbol,Last_Price,Timestamp,Previous_Close\r\nINFY,1412.9500,2026-11-04T15:59:00Z,1389.65\r\n',
      settings,
      NOW,
    );
    expect(quotes).toEqual([
      { broker: 'acme', key: 'INFY', price: '1412.9500', asOf: '2026-11-04T15:59:00.000Z', previousClose: '1389.65' },
    ]);
  });

  it('the last bar of a key is its quote, in the time zone of the file', () => {
    const bars =
      'Date,Open,Close,High,Low,Volume\n11/5/2019 9:31,1,3079.36,1,1,0\n11/5/2019 9:32,1,3079.73,1,1,0\n11/5/2019 9:30,1,3080.49,1,1,0\n';
    const american = { fixedKey: 'SPX', timeZone: 'America/New_York', dateFormat: 'M/D/YYYY' };
    const { quotes, entries } = csvQuotes(bars, { ...settings, ...american }, NOW);
    expect(entries).toBe(3);
    expect(quotes).toEqual([{ broker: 'acme', key: 'SPX', price: '3079.73', asOf: '2019-11-05T14:32:00.000Z' }]);
  });

  it('unreadable quotes become warnings with a reason', () => {
    const { quotes, warnings } = csvQuotes(
      'key,price,time\nA,n/a,\nB,1x5,\n,5,\nC,5,yesterday\nD,5,2027-01-01T00:00:00Z\nE,5,\n',
      settings,
      NOW,
    );
    expect(quotes).toEqual([{ broker: 'acme', key: 'E', price: '5', asOf: NOW.toISOString() }]);
    expect(warnings.map(({ reason }) => reason)).toEqual([
      'the price "n/a" of A is not a decimal number',
      'the price "1x5" of B is not a decimal number',
      'no key',
      'the time "yesterday" cannot be read (C)',
      'the time "2027-01-01T00:00:00Z" of D lies in the future',
    ]);
  });
});

describe('quotes of JSON', () => {
  it('quotes of JSON keep every digit of the document', () => {
    const text =
      '{"data":{"NSE:INFY":{"last_price":1412.9500000000000001234,"ohlc":{"close":1389.65}},"NSE:TCS":{"last_price":0.10}}}';
    const { quotes } = jsonQuotes(text, { ...settings, items: 'data' }, NOW);
    expect(quotes.map(({ key, price, previousClose }) => [key, price, previousClose])).toEqual([
      ['NSE:TCS', '0.10', undefined],
    ]);
    expect(
      jsonQuotes(text.replace('0000000000001234', ''), { ...settings, items: 'data' }, NOW).quotes[0],
    ).toMatchObject({
      key: 'NSE:INFY',
      price: '1412.950',
      previousClose: '1389.65',
    });
  });

  it('quotes of JSON may be a list with named columns', () => {
    const { quotes } = jsonQuotes(
      '[{"s":"A","p":"5.00","t":1793808000}]',
      { ...settings, key: 's', price: 'p', time: 't' },
      NOW,
    );
    expect(quotes).toEqual([
      { broker: 'acme', key: 'A', price: '5.00', asOf: new Date(1_793_808_000_000).toISOString() },
    ]);
  });

  it.each(['{', '7', '{"data":null}'])('a document without quotes is refused: %s', (text) => {
    expect(() => jsonQuotes(text, { ...settings, items: 'data' }, NOW)).toThrow(/not a feed/);
  });
});
