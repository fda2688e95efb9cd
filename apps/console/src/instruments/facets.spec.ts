import { choicesOf, instrumentQuery } from './facets.js';

const NONE = {
  ...{ query: '', broker: '', exchange: '', segment: '', type: '', underlying: '', expiryFrom: '', expiryTo: '' },
  ...{ strikeFrom: '', strikeTo: '', delisted: '' },
};

describe('facets of a search', () => {
  it('a facet offers its first twelve values, unless it has only one', () => {
    const days = Array.from({ length: 20 }, (_, at) => ({ value: `2026-12-${10 + at}`, count: 7 }));
    const one = [{ value: 'zerodha', count: 140 }];
    expect(choicesOf({ broker: one, exchange: one, segment: [], type: [], expiry: days })).toEqual([
      { facet: 'expiry', values: days.slice(0, 12) },
    ]);
  });

  it('filters that are empty are not sent, and a wrong day or strike is named instead of sent', () => {
    expect(instrumentQuery({ ...NONE, query: ' NIFTY ', strikeFrom: '26000' })).toEqual({
      query: { query: 'NIFTY', strikeFrom: '26000' },
    });
    expect(instrumentQuery({ ...NONE, expiryTo: '31.12.' })).toEqual({
      issue: 'Write the day of expiries to such as 2026-12-31.',
    });
    expect(instrumentQuery({ ...NONE, strikeTo: 'x' })).toEqual({ issue: 'Write a strike such as 26000 or 100.5.' });
  });
});
