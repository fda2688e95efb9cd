import { Database, Transactions } from '#database';
import { EventsModule } from '#events';
import { Filings, FilingsModule, type FoundFiling, type RegisteredFiling } from '#filings';
import { testModule, type TestModule } from '../../setup/test-module.js';

const found = (number: number, form: string, more: Partial<FoundFiling> & { cik?: string } = {}): FoundFiling => ({
  accession: `0000000001-25-${String(number).padStart(6, '0')}`,
  form,
  filers: [{ cik: more.cik ?? '11', name: 'Acme', role: 'Filer' }],
  filedOn: '2025-12-12',
  filedAt: new Date('2025-12-12T21:00:00Z'),
  ...more,
});
const accession = (number: number) => found(number, '8-K').accession;

describe('registering filings', () => {
  let desk: TestModule;
  let transactions: Transactions;
  let filings: Filings;
  const register = (...some: FoundFiling[]): Promise<RegisteredFiling[]> =>
    transactions.atomic(() => filings.register(some));
  const stored = async (number: number) =>
    (
      await desk
        .get(Database)
        .rows<{ amendment: string; amends: string | null; candidates: string[]; filers: { cik: string }[] }>(
          'SELECT amendment, amends, amends_candidates AS candidates, filers FROM filings WHERE accession = $1',
          [accession(number)],
        )
    )[0];

  beforeAll(async () => {
    desk = await testModule([EventsModule, FilingsModule]);
    transactions = desk.get(Transactions);
    filings = desk.get(Filings);
  });
  afterAll(() => desk.close());
  beforeEach(() => desk.get(Database).run('TRUNCATE filings, filing_summaries CASCADE'));

  it('registering outside a transaction is refused, because filing and event commit together', async () => {
    await expect(filings.register([found(1, '8-K')])).rejects.toThrow('open @Atomic()');
  });

  it('register() marks a filing as new once', async () => {
    expect(
      (await register(found(1, '8-K'), found(2, '10-Q'), found(1, '8-K'))).map(({ accession: id, isNew }) => [
        id,
        isNew,
      ]),
    ).toEqual([
      [accession(1), true],
      [accession(2), true],
    ]);
    expect((await register(found(2, '10-Q'), found(3, '8-K'))).map(({ isNew }) => isNew)).toEqual([false, true]);
  });

  it('registering known filings again writes nothing', async () => {
    await register(found(1, '8-K'));
    const versions = () =>
      desk
        .get(Database)
        .rows('SELECT xmin::text AS version, (SELECT max(position) FROM change_feed) AS told FROM filings');
    const before = await versions();
    await register(found(1, '8-K'));
    expect(await versions()).toEqual(before);
  });

  it('100 concurrent entries of one accession number become one filing with every filer', async () => {
    const entries = Array.from({ length: 100 }, (_, index) => found(1, '8-K', { cik: String(index + 1) }));
    const results = await Promise.all(entries.map((entry) => register(entry)));
    expect(results.flat().filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set((await stored(1))!.filers.map(({ cik }) => cik)).size).toBe(100);
  });

  it('concurrent registrations of the same filings in other orders do not deadlock', async () => {
    const entries = Array.from({ length: 40 }, (_, index) => found(index + 1, '8-K', { cik: String(index + 1) }));
    const rounds = Array.from({ length: 12 }, (_, round) =>
      (round % 2 ? entries.toReversed() : entries).map((one) => ({
        ...one,
        filers: [{ cik: String(round + 100), name: 'x' }],
      })),
    );
    await Promise.all(rounds.map((round) => register(...round)));
    expect((await stored(1))!.filers).toHaveLength(12);
  });

  it('an amendment is linked to its original in either order of arrival', async () => {
    await register(found(1, '8-K', { reportDate: '2025-12-10' }));
    const [amendment] = await register(found(2, '8-K/A', { reportDate: '2025-12-10' }));
    expect(amendment).toMatchObject({ state: 'linked', amends: accession(1), basis: 'report-date', isNew: true });
    const [early] = await register(found(4, '8-K/A', { reportDate: '2025-11-01', cik: '12' }));
    expect(early).toMatchObject({ state: 'unlinked', amends: null });
    await register(found(5, '8-K', { reportDate: '2025-11-01', cik: '12' }));
    expect(await stored(4)).toMatchObject({ amendment: 'linked', amends: accession(5) });
  });

  it('an amendment and its original are linked when two transactions register them concurrently', async () => {
    for (let pair = 0; pair < 20; pair += 1) {
      const [original, amendment] = [pair * 2 + 1, pair * 2 + 2];
      const cik = String(100 + pair);
      await Promise.all([register(found(original, '8-K', { cik })), register(found(amendment, '8-K/A', { cik }))]);
      expect(await stored(amendment)).toMatchObject({ amendment: 'linked', amends: accession(original) });
    }
  });

  it('an amendment becomes ambiguous when a second original matches, and names both', async () => {
    await register(found(1, '8-K', { reportDate: '2025-12-10' }), found(2, '8-K/A', { reportDate: '2025-12-10' }));
    expect((await stored(2))!.amendment).toBe('linked');
    await register(found(3, '8-K', { reportDate: '2025-12-10' }));
    expect(await stored(2)).toMatchObject({
      amendment: 'ambiguous',
      amends: null,
      candidates: [accession(3), accession(1)],
    });
  });

  it('an ambiguous amendment is linked once the report dates are known', async () => {
    await register(found(1, '8-K'), found(2, '8-K'), found(3, '8-K/A'));
    expect((await stored(3))!.amendment).toBe('ambiguous');
    const [amendment] = await register(
      found(3, '8-K/A', { reportDate: '2025-12-10' }),
      found(2, '8-K', { reportDate: '2025-12-10' }),
    );
    expect(amendment).toMatchObject({ isNew: false, state: 'linked', amends: accession(2), basis: 'report-date' });
  });

  it('the change feed contains the written filings and those they amend', async () => {
    await register(found(1, '8-K'));
    const told = () =>
      desk
        .get(Database)
        .rows<{ key: string }>(
          `SELECT key FROM change_feed WHERE topic = 'filings' AND xid = (SELECT xid FROM change_feed ORDER BY position DESC LIMIT 1)`,
        );
    await register(found(2, '8-K/A'));
    expect((await told()).map(({ key }) => key).toSorted()).toEqual([accession(1), accession(2)]);
  });

  it('a rolled back registration leaves nothing behind', async () => {
    const failing = transactions.atomic(async () => {
      await filings.register([found(1, '8-K')]);
      throw new Error('later');
    });
    await expect(failing).rejects.toThrow('later');
    expect(await stored(1)).toBeUndefined();
  });
});
