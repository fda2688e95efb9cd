import { contractDiff, type ContractState } from './contract-state.js';

const CONTRACT: ContractState = {
  key: '1',
  exchange: 'NFO',
  segment: 'NFO-OPT',
  tradingsymbol: 'MADEUP26DEC101CE',
  name: 'MADEUP',
  type: 'CE',
  expiry: '2026-12-29',
  strike: '101',
  tickSize: '0.05',
  lotSize: '75',
  attributes: { exchange_token: '1' },
};

describe('the difference of two states of a contract', () => {
  it('names each field that differs, with both values', () => {
    expect(contractDiff(CONTRACT, { ...CONTRACT, lotSize: '65', tickSize: '0.1' })).toEqual([
      { field: 'tickSize', before: '0.05', after: '0.1' },
      { field: 'lotSize', before: '75', after: '65' },
    ]);
    expect(contractDiff(CONTRACT, CONTRACT)).toEqual([]);
  });

  it('names attributes that were added, changed and removed, and a value that became none', () => {
    expect(contractDiff(CONTRACT, { ...CONTRACT, expiry: null, attributes: { series: 'EQ' } })).toEqual([
      { field: 'expiry', before: '2026-12-29', after: null },
      { field: 'attributes.exchange_token', before: '1', after: null },
      { field: 'attributes.series', before: null, after: 'EQ' },
    ]);
  });
});
