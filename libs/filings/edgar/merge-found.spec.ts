import { mergeFound } from './merge-found.js';
import type { FoundFiling } from './filing.js';

const entry = (accession: string, cik: string, more: Partial<FoundFiling> = {}): FoundFiling => ({
  accession,
  form: '8-K/A',
  filers: [{ cik, name: `Company ${cik}`, role: 'Filer' }],
  filedOn: '2025-12-12',
  filedAt: new Date('2025-12-12T21:31:16Z'),
  ...more,
});

describe('merging entries', () => {
  it('all entries of an accession number become one filing with every filer once', () => {
    const [filing, ...others] = mergeFound([
      entry('0000000001-25-000001', '1'),
      entry('0000000001-25-000001', '0000000002'),
      entry('0000000001-25-000001', '0000000001'),
    ]);
    expect(others).toEqual([]);
    expect(filing?.filers.map(({ cik }) => cik)).toEqual(['0000000001', '0000000002']);
    expect(filing).toMatchObject({ baseForm: '8-K', isAmendment: true });
  });

  it('a company with two roles in a filing is kept once per role', () => {
    const subject = entry('0000000001-25-000001', '1', { filers: [{ cik: '1', name: 'x', role: 'Subject' }] });
    expect(mergeFound([entry('0000000001-25-000001', '1'), subject])[0]?.filers).toHaveLength(2);
  });

  it('a later entry fills the fields that the first entry lacks', () => {
    const [filing] = mergeFound([
      entry('0000000001-25-000001', '1', { reportDate: '' }),
      entry('0000000001-25-000001', '1', { reportDate: '2025-12-10', items: ['5.02'], link: 'https://x' }),
    ]);
    expect(filing).toMatchObject({ reportDate: '2025-12-10', items: ['5.02'], link: 'https://x' });
  });

  it('a filing was held before its feed was added if every entry was', () => {
    const [old, fresh] = [true, false].map((heldBefore) => entry('0000000001-25-000001', '1', { heldBefore }));
    expect([[old!, old!], [old!, fresh!], [entry('0000000001-25-000001', '1')]].map(held)).toEqual([
      true,
      false,
      false,
    ]);
    function held(found: FoundFiling[]) {
      return mergeFound(found)[0]?.heldBefore;
    }
  });

  it('merging refuses a malformed accession number', () => {
    expect(() => mergeFound([entry('1-25-1', '1')])).toThrow(
      expect.objectContaining({ code: 'FILINGS_ACCESSION_INVALID' }),
    );
  });
});
