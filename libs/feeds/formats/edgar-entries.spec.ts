import { parseFeed } from './parse-feed.js';

describe('EDGAR', () => {
  const entry = (title: string, accession: string, summary = '') =>
    `<entry><title>${title}</title><link href="https://www.sec.gov/a-index.htm"/><summary type="html">&lt;b&gt;Filed:&lt;/b&gt; 2025-12-12 ${summary}</summary><updated>2025-12-12T18:02:10-05:00</updated><category term="8-K/A"/><id>urn:tag:sec.gov,2008:accession-number=${accession}</id></entry>`;
  const atom = (entries: string) =>
    `<?xml version="1.0" encoding="ISO-8859-1" ?><feed xmlns="http://www.w3.org/2005/Atom"><title>Latest</title>${entries}</feed>`;

  it('entries with the same accession number become one filing with all filers', async () => {
    const twice = entry(
      '8-K/A - AT&amp;amp;T (HOLDINGS) INC. (0000868278) (Filer)',
      '0001493152-25-027399',
      '&lt;br&gt;Item 5.03: Amendments&lt;br&gt;Item 9.01: Exhibits',
    );
    const found = await parseFeed(
      'edgar',
      atom(twice + twice + entry('8-K/A - SUB LLC (0000000042) (Subject)', '0001493152-25-027399')),
    );
    expect(found).toMatchObject({ entries: 3, unreadable: 0 });
    expect(found.items).toMatchObject([
      {
        kind: 'filing',
        filing: {
          accession: '0001493152-25-027399',
          form: '8-K/A',
          filedOn: '2025-12-12',
          filedAt: new Date('2025-12-12T23:02:10Z'),
          items: ['5.03', '9.01'],
          filers: [
            { cik: '0000868278', name: 'AT&T (HOLDINGS) INC.', role: 'filer' },
            { cik: '0000000042', name: 'SUB LLC', role: 'subject' },
          ],
        },
      },
    ]);
  });

  it('another filer makes another version of a filing, and another order does not', async () => {
    const [a, b] = [
      entry('8-K/A - A (0000000001) (Filer)', '0001493152-25-027399'),
      entry('8-K/A - B (0000000002) (Filer)', '0001493152-25-027399'),
    ];
    const digest = async (entries: string) =>
      (await parseFeed('edgar', atom(entries))).items[0]!.digest.toString('hex');
    expect(await digest(a + b)).toBe(await digest(b + a));
    expect(await digest(a + b)).not.toBe(await digest(a));
  });

  it('an unreadable entry of EDGAR has a warning with the reason', async () => {
    const { warnings, unreadable } = await parseFeed(
      'edgar',
      atom(
        entry('Something else', '0001493152-25-027399') +
          entry('8-K/A - A (0000000001) (Filer)', 'none').replaceAll('a-index', 'x'),
      ),
    );
    expect(unreadable).toBe(2);
    expect(warnings.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('is not "FORM - NAME (CIK) (Role)"'),
      'no accession number in id or link',
    ]);
  });
});
