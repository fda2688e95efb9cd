import type { FoundFiling } from '#filings';
import type { ItemWarning } from '../sources/feed-source.js';
import type { FilingItem } from './feed-item.js';
import { identityOf } from './item-identity.js';
import { plainText } from './plain-text.js';
import type { XmlEntry } from './xml-entries.js';

const ACCESSION = /\b(\d{10}-\d{2}-\d{6})\b/;
/** `8-K/A - KELLY SERVICES INC (0000055135) (Filer)`. Names may contain parentheses too. */
const TITLE = /^(.+?) - (.*) \((\d{1,10})\)(?: \(([^()]*)\))?$/;

interface Entry extends Omit<FoundFiling, 'filers'> {
  filer: { cik: string; name: string; role: string | null };
}

/**
 * Reads EDGAR's `getcurrent`. A filing has one entry per filer, all with the same id, and some entries occur twice.
 * Returns one item per accession number, in the order of their first entries. Another set of filers or items is another
 * version.
 */
export function edgarItems(entries: readonly XmlEntry[]): {
  items: FilingItem[];
  unreadable: number;
  warnings: ItemWarning[];
} {
  const filings = new Map<string, Entry[]>();
  const warnings: ItemWarning[] = [];
  entries.forEach((raw, index) => {
    const entry = edgarEntry(raw);
    if (typeof entry === 'string')
      warnings.push({ item: plainText(raw.title, 100) || `entry ${index + 1}`, reason: entry });
    else {
      const known = filings.get(entry.accession);
      if (known === undefined) filings.set(entry.accession, [entry]);
      else known.push(entry);
    }
  });
  return { items: [...filings.values()].map(filingItem), unreadable: warnings.length, warnings };
}

function edgarEntry(raw: XmlEntry): Entry | string {
  const accession = ACCESSION.exec(raw.guid ?? '')?.[1] ?? ACCESSION.exec(raw.link ?? '')?.[1];
  if (accession === undefined) return 'no accession number in id or link';
  const title = plainText(raw.title, 500);
  const [, formInTitle, name, cik, role] = TITLE.exec(title) ?? [];
  if (name === undefined || cik === undefined)
    return `the title ${JSON.stringify(title)} is not "FORM - NAME (CIK) (Role)"`;
  const form = plainText(raw.categories[0], 40) || formInTitle!;
  const filedAt = raw.date ?? raw.pubdate;
  if (filedAt === null || Number.isNaN(filedAt.getTime())) return 'the time of the update cannot be read';
  const summary = plainText(raw.summary ?? raw.description, 4_000);
  return {
    accession,
    form,
    filer: { cik: cik.padStart(10, '0'), name, role: role === undefined ? null : role.toLowerCase() },
    filedOn: /Filed: (\d{4}-\d{2}-\d{2})/.exec(summary)?.[1] ?? filedAt.toISOString().slice(0, 10),
    filedAt,
    items: [...summary.matchAll(/Item (\d{1,2}\.\d{2})/g)].map(([, item]) => item!),
    link: raw.link,
  };
}

/** Merges two parts of one filing. The text of the first part wins. */
export function mergeFilings(a: FilingItem, b: FilingItem): FilingItem {
  const { filing } = a;
  return asItem({ ...filing, items: [...(filing.items ?? []), ...(b.filing.items ?? [])] }, [
    ...filing.filers,
    ...b.filing.filers,
  ]);
}

function filingItem(entries: readonly Entry[]): FilingItem {
  const { filer: _filer, ...first } = entries[0]!;
  return asItem(
    { ...first, items: entries.flatMap((entry) => entry.items ?? []) },
    entries.map(({ filer }) => filer),
  );
}

function asItem(first: Omit<FoundFiling, 'filers'>, named: FoundFiling['filers']): FilingItem {
  const filers = [...new Map(named.map((filer) => [`${filer.cik} ${filer.role ?? ''}`, filer])).values()];
  const items = [...new Set(first.items ?? [])].sort();
  const who = filers.map(({ cik, role }) => `${cik} ${role ?? ''}`).sort();
  return {
    kind: 'filing',
    key: identityOf('edgar', first.accession),
    digest: identityOf(first.form, ...who, ...items),
    title: `${first.form} ${filers[0]!.name}`,
    filing: { ...first, filers, items },
  };
}
