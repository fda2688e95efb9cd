import { searchWords } from './search-words.js';

describe('the exchange in a query', () => {
  it.each([
    ['NSE:RELIANCE', { text: 'RELIANCE', venue: 'NSE' }],
    ['nse: reliance', { text: 'reliance', venue: 'NSE' }],
    ['RELIANCE bse', { text: 'RELIANCE', venue: 'BSE' }],
    ['NIFTY 2 DEC 26000 CE NFO', { text: 'NIFTY 2 DEC 26000 CE', venue: 'NFO' }],
    ['BSE', { text: 'BSE' }],
    ['BSE 2500 CE', { text: 'BSE 2500 CE' }],
    ['MCX FUT', { text: 'MCX FUT' }],
    ['ABC:DEF', { text: 'ABC:DEF' }],
    ['NSE:', { text: 'NSE:' }],
    ['HDFC BANK', { text: 'HDFC BANK' }],
  ])('%s', (query, expected) => {
    expect(searchWords(query)).toEqual(expected);
  });
});
