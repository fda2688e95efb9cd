import { Database, Transactions } from '#database';
import { EventsModule } from '#events';
import { Filings, FilingsModule, type FoundFiling } from '#filings';
import { htmlToText } from '../../../libs/filings/edgar/html-text.js';
import { readSubmission } from '../../../libs/filings/edgar/submission.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { describeWithEdgar, edgarFile, entriesOf, submissionsOf, tarFiles } from './edgar.fixture.js';

interface Amendment {
  accession: string;
  same_form_same_report_date: { accession: string }[];
}

interface Link {
  accession: string;
  state: string;
  amends: string | null;
  candidates: string[];
}

const COMPANIES = ['0000895419', '0001465740', '0001796129'];
const ABOUT = /^(8-K|10-K|10-Q)\/A$/;

describeWithEdgar('the register of filings, on what EDGAR gave', () => {
  let desk: TestModule;
  const register = (found: readonly FoundFiling[]) =>
    desk.get(Transactions).atomic(() => desk.get(Filings).register(found));
  const links = async () => {
    const rows = await desk
      .get(Database)
      .rows<Link & { form: string }>(
        'SELECT accession, form, amendment AS state, amends, amends_candidates AS candidates FROM filings WHERE is_amendment ORDER BY accession',
      );
    return rows.filter(({ form }) => ABOUT.test(form)).map(({ form: _form, ...link }) => link);
  };

  beforeAll(async () => {
    desk = await testModule([EventsModule, FilingsModule]);
  });
  afterAll(() => desk.close());
  beforeEach(() => desk.get(Database).run('TRUNCATE filings, filing_summaries CASCADE'));

  describe('three companies with fifteen amendments', () => {
    const all = () => COMPANIES.flatMap(submissionsOf);
    const expected = (JSON.parse(edgarFile('amendments.json').toString()) as Amendment[])
      .map(({ accession, same_form_same_report_date: same }) => {
        const candidates = same.map((one) => one.accession);
        if (candidates.length === 0) return { accession, state: 'unlinked', amends: null, candidates };
        if (candidates.length === 1) return { accession, state: 'linked', amends: candidates[0]!, candidates: [] };
        return { accession, state: 'ambiguous', amends: null, candidates: candidates.toSorted().toReversed() };
      })
      .sort((a, b) => (a.accession < b.accession ? -1 : 1));

    it.each([
      ['oldest first', (found: FoundFiling[]) => found.toReversed()],
      ['newest first', (found: FoundFiling[]) => found],
      [
        'in order of their numbers',
        (found: FoundFiling[]) => found.toSorted((a, b) => (a.accession < b.accession ? -1 : 1)),
      ],
    ])(
      'of fifteen amendments twelve are linked, two are ambiguous and one is unlinked, registered %s, 100 at a time',
      async (_order, sorted) => {
        const found = sorted(all());
        for (let at = 0; at < found.length; at += 100) await register(found.slice(at, at + 100));
        expect(await links()).toEqual(expected);
        expect(
          Object.entries(Object.groupBy(expected, ({ state }) => state))
            .map(([state, some]) => [state, some!.length])
            .toSorted(),
        ).toEqual([
          ['ambiguous', 2],
          ['linked', 12],
          ['unlinked', 1],
        ]);
      },
    );
  });

  it('two crawls give 3,309 and five more filings, each with all its filers, and link the amendments among them', async () => {
    const crawl = (poll: number) => tarFiles(edgarFile(`getcurrent_2025-12-12_poll${poll}.tar.gz`)).flatMap(entriesOf);
    const first = crawl(1);
    expect(first).toHaveLength(3_613);
    expect((await register(first)).filter(({ isNew }) => isNew)).toHaveLength(3_309);
    expect((await register(first)).filter(({ isNew }) => isNew)).toHaveLength(0);
    const fresh = (await register(crawl(2))).filter(({ isNew }) => isNew);
    expect(fresh.map(({ accession }) => accession).toSorted()).toEqual([
      '0001572985-25-000003',
      '0001700537-25-000015',
      '0001700538-25-000015',
      '0001702455-25-000007',
      '0002063236-25-000004',
    ]);
    const eightKs = await desk
      .get(Database)
      .rows<{ name: string; amendment: string; amends: string | null }>(
        `SELECT filers -> 0 ->> 'name' AS name, amendment, amends FROM filings WHERE form = '8-K/A' ORDER BY 1`,
      );
    expect(eightKs.map(({ name, amendment, amends }) => [name.split(/[ ,]/)[0], amendment, amends])).toEqual([
      ['CITIZENS', 'unlinked', null],
      ['IZEA', 'unlinked', null],
      ['KELLY', 'unlinked', null],
      ['ProPhase', 'linked', '0001493152-25-027317'],
      ['Volato', 'unlinked', null],
      ['Vulcan', 'linked', '0001140361-25-045396'],
    ]);
    // The feed names issuers and no reporting persons, so a form of some person is named and not linked.
    const holdings = await desk.get(Database).rows<{ amendment: string; n: number }>(
      `SELECT amendment, count(*)::int AS n FROM filings
       WHERE is_amendment AND base_form IN ('3', '4', '5', '144', 'SCHEDULE 13D', 'SCHEDULE 13G') GROUP BY 1 ORDER BY 1`,
    );
    expect(holdings).toEqual([
      { amendment: 'ambiguous', n: 8 },
      { amendment: 'unlinked', n: 48 },
    ]);
    const [many] = await desk
      .get(Database)
      .rows<{ most: number }>('SELECT max(jsonb_array_length(filers)) AS most FROM filings');
    expect(many!.most).toBe(
      Math.max(
        ...[...Map.groupBy(first, ({ accession }) => accession).values()].map(
          (entries) => new Set(entries.map(({ filers }) => `${filers[0]!.cik} ${filers[0]!.role}`)).size,
        ),
      ),
    );
  });

  it('whole submissions from 1998 to 2024 give main document, items and all filers', () => {
    const read = (name: string) => readSubmission(edgarFile(`filings_8k/${name}.txt.gz`).toString('latin1'), 60_000);
    const southern = read('0000092122-05-000042');
    expect(southern.header).toMatchObject({
      accession: '0000092122-05-000042',
      form: '8-K',
      reportDate: '2005-01-25',
      filedOn: '2005-01-25',
    });
    expect(southern.header.filers.map(({ cik }) => cik)).toEqual([
      '0000003153',
      '0000066904',
      '0000086940',
      '0000041091',
      '0000092122',
      '0000044545',
      '0001160661',
    ]);
    expect(read('0000320193-24-000005')).toMatchObject({
      items: ['2.02', '9.01'],
      header: { form: '8-K', reportDate: '2024-02-01' },
    });
    const apple = read('0000320193-24-000005').text;
    const places = [
      'SECURITIES AND EXCHANGE COMMISSION',
      'On February 1, 2024, Apple Inc. (\u201cApple\u201d) issued a press release',
      '[EX-99.1]',
      'Total net sales',
    ].map((words) => apple.indexOf(words));
    expect([places[0]! >= 0, places]).toEqual([true, places.toSorted((a, b) => a - b)]);
    for (const name of [
      '0000703901-98-000003',
      '0000912057-00-002128',
      '0001193125-11-009392',
      '0000320193-19-000032',
    ]) {
      const { text, header } = read(name);
      expect([header.form, header.accession, text.length > 500, /<[a-z]+[ >]/i.test(text)]).toEqual([
        '8-K',
        name,
        true,
        false,
      ]);
    }
  });

  it('a filing that is an HTML page is read without its hidden part', () => {
    const text = htmlToText(edgarFile('filings_8k/1800Flowers.8-K.html').toString());
    expect(text).toContain('1-800-FLOWERS.COM');
    expect(text).not.toMatch(/xbrli|dei:|false\n/);
  });
});
