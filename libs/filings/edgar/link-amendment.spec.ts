import { linkAmendment, type LinkableFiling, MAX_CANDIDATES } from './link-amendment.js';

const filing = (accession: string, more: Partial<LinkableFiling> = {}): LinkableFiling => ({
  accession,
  baseForm: '8-K',
  isAmendment: false,
  filerCiks: ['0000000001'],
  reporterCiks: [],
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
    const old = { baseForm: '10-K', filedOn: '2025-07-01' };
    expect(linkAmendment({ ...undated, baseForm: '10-K' }, [filing('old', old)]).state).toBe('unlinked');
  });

  it('an 8-K/A without a report date names an 8-K of up to 400 days ago, and is linked to none', () => {
    const undated = { ...amendment, reportDate: null };
    const yearAgo = filing('a', { filedOn: '2024-12-01' });
    expect(linkAmendment(undated, [yearAgo])).toEqual({
      state: 'ambiguous',
      amends: null,
      candidates: ['a'],
      basis: 'form-and-filer',
    });
    expect(linkAmendment(undated, [filing('a', { filedOn: '2024-10-01' })]).state).toBe('unlinked');
    expect(linkAmendment(undated, [yearAgo, filing('near')])).toMatchObject({ state: 'linked', amends: 'near' });
    // With the report date of the event, its age does not matter.
    const dated = { ...amendment, filedOn: '2027-03-01' };
    expect(linkAmendment(dated, [filing('a')])).toMatchObject({ state: 'linked', amends: 'a', basis: 'report-date' });
  });

  describe('an ownership form', () => {
    const [issuer, other, person, stranger] = ['1', '2', '8', '9'] as [string, string, string, string];
    const holding = (accession: string, who: string | null, of: string | null, more: Partial<LinkableFiling> = {}) =>
      filing(accession, {
        baseForm: '4',
        filerCiks: [who, of].filter((cik) => cik !== null),
        reporterCiks: who === null ? [] : [who],
        ...more,
      });
    const amended = holding('z', person, issuer, { isAmendment: true });

    it('is linked to the form of the same reporting person and issuer, although others have the same date', () => {
      const candidates = [
        holding('a', stranger, issuer),
        holding('b', person, issuer),
        holding('c', person, other),
        holding('d', stranger, issuer),
      ];
      expect(linkAmendment(amended, candidates)).toMatchObject({ state: 'linked', amends: 'b', candidates: [] });
      expect(linkAmendment(amended, candidates.toSpliced(1, 1)).state).toBe('unlinked');
    });

    it('names a form whose reporting person is not known, and prefers one whose person is', () => {
      const unknown = holding('a', null, issuer);
      expect(linkAmendment(amended, [unknown])).toMatchObject({ state: 'ambiguous', candidates: ['a'] });
      expect(linkAmendment(amended, [unknown, holding('b', person, issuer)])).toMatchObject({ amends: 'b' });
      const halfKnown = holding('z', null, issuer, { isAmendment: true });
      expect(linkAmendment(halfKnown, [holding('a', person, issuer), holding('b', stranger, issuer)])).toMatchObject({
        state: 'ambiguous',
        candidates: ['b', 'a'],
      });
    });

    it('of the same person twice is ambiguous', () => {
      const candidates = [holding('a', person, issuer), holding('b', person, issuer), holding('c', null, issuer)];
      expect(linkAmendment(amended, candidates)).toMatchObject({ state: 'ambiguous', candidates: ['b', 'a'] });
    });
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
