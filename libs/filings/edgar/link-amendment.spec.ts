import { linkAmendment, type LinkableFiling, MAX_CANDIDATES } from './link-amendment.js';

const filing = (accession: string, more: Partial<LinkableFiling> = {}): LinkableFiling => ({
  accession,
  baseForm: '8-K',
  isAmendment: false,
  filerCiks: ['0000000001'],
  filedOn: '2025-12-12',
  reportDate: '2025-12-10',
  ...more,
});
const amendment = filing('0000000001-25-000009', { isAmendment: true });

describe('linking an amendment', () => {
  it('an amendment is linked to the one filing of the same filer, base form and report date', () => {
    const candidates = [
      filing('a', { reportDate: '2025-12-09' }),
      filing('b'),
      filing('c', { baseForm: '10-K' }),
      filing('d', { filerCiks: ['0000000002'] }),
      filing('e', { isAmendment: true }),
    ];
    expect(linkAmendment(amendment, candidates)).toEqual({
      state: 'linked',
      amends: 'b',
      candidates: [],
      basis: 'report-date',
    });
  });

  it('linking ignores accession numbers, because an original may have a higher one than its amendment', () => {
    expect(linkAmendment(amendment, [filing('0000000001-25-000010')]).amends).toBe('0000000001-25-000010');
  });

  it('an amendment is never linked to a filing of a later day', () => {
    expect(linkAmendment(amendment, [filing('a', { filedOn: '2025-12-13' })]).state).toBe('unlinked');
  });

  it('an amendment with several matches is ambiguous and names them', () => {
    const candidates = [filing('a', { filedOn: '2025-12-10' }), filing('b'), filing('c', { reportDate: null })];
    expect(linkAmendment(amendment, candidates)).toEqual({
      state: 'ambiguous',
      amends: null,
      candidates: ['b', 'a'],
      basis: 'report-date',
    });
  });

  it('the link does not depend on the order of the candidates', () => {
    const candidates = [filing('a'), filing('b'), filing('c', { filedOn: '2025-12-11' })];
    expect(linkAmendment(amendment, candidates.toReversed())).toEqual(linkAmendment(amendment, candidates));
  });

  it('one common filer of several is enough for a link', () => {
    expect(linkAmendment({ ...amendment, filerCiks: ['0000000007', '0000000001'] }, [filing('a')]).amends).toBe('a');
  });

  it('without a report date, form, filer and distance in time decide, and the basis says so', () => {
    const undated = { ...amendment, reportDate: null };
    expect(linkAmendment(undated, [filing('a'), filing('old', { filedOn: '2025-07-01' })])).toMatchObject({
      amends: 'a',
      basis: 'form-and-filer',
    });
    expect(linkAmendment(amendment, [filing('b', { reportDate: null })])).toMatchObject({
      amends: 'b',
      basis: 'form-and-filer',
    });
    expect(linkAmendment(undated, [filing('old', { filedOn: '2025-07-01' })]).state).toBe('unlinked');
  });

  it('an ambiguous amendment names a bounded number of candidates, the newest', () => {
    const many = Array.from({ length: 400 }, (_, index) => filing(String(index).padStart(4, '0')));
    const { candidates } = linkAmendment(amendment, many);
    expect([candidates.length, candidates[0]]).toEqual([MAX_CANDIDATES, '0399']);
  });

  it('an original gets no link', () => {
    expect(linkAmendment(filing('a'), [filing('b')]).state).toBe('original');
  });
});
