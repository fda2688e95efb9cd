import { contractQuery } from './contract-query.js';

const first = (query: string) => {
  const read = contractQuery(query);
  return read && { underlying: read.underlying.join(' '), side: read.side, ...read.readings[0] };
};

describe('a query read as a contract', () => {
  it.each([
    ['NIFTY 2 DEC 26000 CE', 'NIFTY', 'call', { month: 12, day: 2 }, '26000'],
    ['nifty 2nd december 26,000 call', 'NIFTY', 'call', { month: 12, day: 2 }, '26000'],
    ['NIFTY 2 DEC 26000', 'NIFTY', undefined, { month: 12, day: 2 }, '26000'],
    ['NIFTY 02DEC 26000CE', 'NIFTY', 'call', { month: 12, day: 2 }, '26000'],
    ['NIFTY 26000 CE 02 DEC 25', 'NIFTY', 'call', { month: 12, day: 2, year: 2025 }, '26000'],
    ['NIFTY 2-DEC-2025 26000 PE', 'NIFTY', 'put', { month: 12, day: 2, year: 2025 }, '26000'],
    ['NIFTY 2025-12-02 26000 pe', 'NIFTY', 'put', { year: 2025, month: 12, day: 2 }, '26000'],
    ['NIFTY25DEC26000CE', 'NIFTY', 'call', { month: 12, day: 25 }, '26000'],
    ['M&M25DECFUT', 'M&M', 'future', { month: 12, day: 25 }, undefined],
    ['bank nifty dec 50000 p', 'BANK NIFTY', 'put', { month: 12 }, '50000'],
    ['BAJAJ-AUTO DEC FUT', 'BAJAJ-AUTO', 'future', { month: 12 }, undefined],
    ['RELIANCE FUT', 'RELIANCE', 'future', {}, undefined],
    ['USDINR DEC 89.25 CE', 'USDINR', 'call', { month: 12 }, '89.25'],
    ['IDEA DEC 10 CE', 'IDEA', 'call', { month: 12 }, '10'],
    ['AAPL DEC 2 2025 200 C', 'AAPL', 'call', { month: 12, day: 2, year: 2025 }, '200'],
    ['26000 CE NIFTY', 'NIFTY', 'call', {}, '26000'],
    ['24900PE', '', 'put', {}, '24900'],
    ['25DEC26000CE', '', 'call', { month: 12, day: 25 }, '26000'],
    ['BSE 2500 CE', 'BSE', 'call', {}, '2500'],
    ['MAY FUT', 'MAY', 'future', {}, undefined],
  ])('%s', (query, underlying, side, expiry, strike) => {
    expect(first(query)).toEqual({ underlying, side, expiry, ...(strike === undefined ? {} : { strike }) });
  });

  it('a number before a month is a day or a year, the day first', () => {
    expect(contractQuery('NIFTY 25 DEC 26000')?.readings).toEqual([
      { expiry: { month: 12, day: 25 }, strike: '26000' },
      { expiry: { month: 12, year: 2025 }, strike: '26000' },
    ]);
    expect(contractQuery('IDEA DEC 10 CE')?.readings).toEqual([
      { expiry: { month: 12 }, strike: '10' },
      { expiry: { month: 12, day: 10 } },
    ]);
  });

  it.each([
    'RELIANCE',
    'NIFTY CE',
    'DEC',
    '26000',
    'CE',
    '2 DEC',
    'NIFTY 1 2 3',
    'HDFC BANK',
    'NIFTY 2 DEC 3 JAN 26000',
    '@@@',
    '',
    'A '.repeat(40),
  ])('%j is not read as a contract', (query) => {
    expect(contractQuery(query)).toBeUndefined();
  });
});
