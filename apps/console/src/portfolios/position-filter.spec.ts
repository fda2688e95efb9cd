import { fitsPosition } from './position-filter.js';

const position = { key: '408065', tradingsymbol: 'INFY', name: 'Infosys Limited', flags: [] };

describe('finding a position', () => {
  it('every word must be in the symbol, the name or the key', () => {
    const fits = (text: string) => fitsPosition(position, text, false);
    expect(['', 'infy', ' limited 408', 'INFY bank'].map(fits)).toEqual([true, true, true, false]);
  });

  it('a contract without a name is found by its key, and one without a flag is hidden among the flagged', () => {
    const unnamed = { ...position, tradingsymbol: null, name: null, flags: ['no_price'] };
    expect(fitsPosition(unnamed, '4080', true)).toBe(true);
    expect(fitsPosition(position, '', true)).toBe(false);
  });
});
