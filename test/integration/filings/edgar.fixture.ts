import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FoundFiling } from '#filings';
import { tarEntries } from '../../../libs/feeds/replay/tar-entries.js';

/** Folder of EDGAR's recorded answers, or undefined: they are not part of the repository. */
const recorded = (() => {
  const folder = process.env['DESKWIRE_DATA_DIR'];
  const edgar = folder && join(folder, 'sec');
  return edgar && existsSync(edgar) ? edgar : undefined;
})();

/**
 * `describe`, or one skipped test with the reason, because the tests read the recorded answers where they are declared.
 */
export const describeWithEdgar = (title: string, tests: () => void): void =>
  recorded ? describe(title, tests) : it.skip(`${title} (skipped: DESKWIRE_DATA_DIR is unset)`, () => undefined);

export function edgarFile(name: string): Buffer {
  const bytes = readFileSync(join(recorded!, name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

type Columns = Record<
  'accessionNumber' | 'form' | 'filingDate' | 'reportDate' | 'acceptanceDateTime' | 'items',
  string[]
>;

/** All filings of one company as data.sec.gov lists them. */
export function submissionsOf(cik: string): FoundFiling[] {
  const { name, filings } = JSON.parse(edgarFile(`submissions/CIK${cik}.json.gz`).toString()) as {
    name: string;
    filings: { recent: Columns };
  };
  const { accessionNumber, form, filingDate, reportDate, acceptanceDateTime, items } = filings.recent;
  return accessionNumber.map((accession, row) => ({
    accession,
    form: form[row]!,
    filers: [{ cik, name, role: 'filer' }],
    filedOn: filingDate[row]!,
    filedAt: new Date(acceptanceDateTime[row]!),
    reportDate: reportDate[row] || null,
    items: (items[row] ?? '').split(',').filter(Boolean),
  }));
}

/** The entries of a page of `getcurrent`, read only as far as the test needs. Feeds are tested elsewhere. */
export function entriesOf(page: string): FoundFiling[] {
  return [...page.matchAll(/<entry>([\s\S]*?)<\/entry>/g)].map(([, entry]) => {
    const find = (pattern: RegExp) => pattern.exec(entry!)?.[1] ?? '';
    return {
      accession: find(/accession-number=([\d-]+)/),
      form: find(/term="([^"]*)"/),
      filers: [
        {
          cik: find(/\((\d{10})\)/),
          name: find(/<title>[^<]*? - ([^<]*?) \(\d{10}\)/),
          role: find(/\((\w[\w ]*)\)<\/title>/),
        },
      ],
      filedOn: find(/Filed:&lt;\/b&gt; (\S+)/),
      filedAt: new Date(find(/<updated>([^<]*)/)),
      items: [...entry!.matchAll(/Item (\d\.\d\d)/g)].map((match) => match[1]!),
      link: find(/href="([^"]*)"/),
    };
  });
}

/** The files of a .tar archive. */
export function tarFiles(tar: Buffer): string[] {
  return tarEntries(tar).map(({ content }) => content.toString('latin1'));
}
