import { facetsOf, instrumentQuery } from './facets.js';

const contract = { broker: 'zerodha', exchange: 'NFO', segment: null, type: 'CE', expiry: '2026-12-31' };
const NONE = {
  ...{ query: '', broker: '', exchange: '', segment: '', type: '', underlying: '', expiryFrom: '', expiryTo: '' },
  ...{ strikeFrom: '', strikeTo: '', delisted: '' },
};

describe('facets of a search', () => {
  it('a facet shows its values with their counts, the most frequent first, unless it has only one', () => {
    const rows = [contract, { ...contract, type: 'PE' }, { ...contract, type: 'PE', expiry: null }];
    expect(facetsOf(rows)).toEqual([
      {
        facet: 'type',
        values: [
          { value: 'PE', count: 2 },
          { value: 'CE', count: 1 },
        ],
      },
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
