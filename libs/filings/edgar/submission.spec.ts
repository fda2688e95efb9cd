import { readSubmission } from './submission.js';

const HEADER = `<SEC-HEADER>
ACCESSION NUMBER:\t\t0000000001-25-000001
CONFORMED SUBMISSION TYPE:\t8-K
CONFORMED PERIOD OF REPORT:\t20251210
FILED AS OF DATE:\t\t20251212

FILER:

\tCOMPANY DATA:
\t\tCOMPANY CONFORMED NAME:\t\t\tACME CO
\t\tCENTRAL INDEX KEY:\t\t\t0000003153

SUBJECT COMPANY:

\tCOMPANY DATA:
\t\tCOMPANY CONFORMED NAME:\t\t\tOTHER CO
\t\tCENTRAL INDEX KEY:\t\t\t42
</SEC-HEADER>
`;
const document = (type: string, body: string) =>
  `<DOCUMENT>\n<TYPE>${type}\n<SEQUENCE>1\n<TEXT>\n${body}\n</TEXT>\n</DOCUMENT>\n`;

describe('reading a submission', () => {
  it('readSubmission reads form, dates and every filer with its role from the header', () => {
    expect(readSubmission(HEADER, 1000).header).toEqual({
      accession: '0000000001-25-000001',
      form: '8-K',
      filedOn: '2025-12-12',
      reportDate: '2025-12-10',
      filers: [
        { cik: '0000003153', name: 'ACME CO', role: 'filer' },
        { cik: '0000000042', name: 'OTHER CO', role: 'subject' },
      ],
    });
  });

  it('readSubmission returns the main document, then press releases, and no images', () => {
    const file =
      HEADER +
      document('GRAPHIC', 'begin 644 a.jpg\nM_]C_X') +
      document('EX-99.1', 'Record quarter') +
      document('EX-10', 'Lease') +
      document('8-K', '<p>Item 2.02 Results</p><p>Item 9.01. Exhibits</p>');
    expect(readSubmission(file, 1000)).toMatchObject({
      text: 'Item 2.02 Results\n\nItem 9.01. Exhibits\n\n[EX-99.1]\nRecord quarter',
      items: ['2.02', '9.01'],
      truncated: false,
    });
  });

  it('readSubmission stays within the limit and reports the truncation', () => {
    const file = HEADER + document('8-K', 'x'.repeat(90)) + document('EX-99.1', 'y'.repeat(90));
    const read = readSubmission(file, 120);
    expect([read.text.length, read.truncated]).toEqual([120, true]);
    expect(readSubmission(HEADER + document('8-K', 'x'.repeat(120)), 120).truncated).toBe(false);
  });

  it('readSubmission reads a file that ends in the middle of its first document', () => {
    expect(readSubmission(`${HEADER}<DOCUMENT>\n<TYPE>8-K\n<TEXT>\n<p>Item 5.02 The presi`, 1000).text).toBe(
      'Item 5.02 The presi',
    );
  });

  it('readSubmission treats a page without a header as its own main document', () => {
    expect(readSubmission('<html><title>x</title><body><p>Item 8.01 Other</p></body></html>', 1000)).toMatchObject({
      text: 'Item 8.01 Other',
      items: ['8.01'],
      header: { accession: null },
    });
  });
});
