import type { FoundFiling } from '#filings';
import { dayIn } from '#time';
import { type FilingItem, type Note, type ParsedFeed, readEach } from './feed-item.js';
import { feedTime, type TimeStyle } from './feed-time.js';
import { identityOf } from './item-identity.js';
import { webLink } from './news-item.js';
import { plainText } from './plain-text.js';
import { textOf, type XmlElement, type XmlEntry } from './xml-entry.js';

const ACCESSION = /\b(\d{10}-\d{2}-\d{6})\b/;
/** `8-K/A - KELLY SERVICES INC (0000055135) (Filer)`. Names may contain parentheses too. */
const TITLE = /^(.+?) - (.*) \((\d{1,10})\)(?: \(([^()]*)\))?$/;
/** EDGAR's own time zone, for times without one. */
export const EDGAR_ZONE = 'America/New_York';

interface Filer {
  cik: string;
  name: string;
  role: string | null;
}

interface Entry extends Omit<FoundFiling, 'filers'> {
  filer: Filer;
}

/**
 * Reads EDGAR's `getcurrent` and the feeds of single companies. A filing has one entry per filer, all with the same id, and some
 * entries occur twice. Returns one item per accession number, in the order of their first entries. Another set of
 * filers or items is another version.
 * @param company the `company-info` of a company's feed, whose entries do not name the filer
 */
export function edgarItems(entries: readonly XmlEntry[], style: TimeStyle, company?: unknown): ParsedFeed {
  const owner = companyOf(company);
  const { read, ...found } = readEach(
    entries,
    ({ title }, index) => plainText(title, 100) || `entry ${index + 1}`,
    (entry, note) => edgarEntry(entry, owner, style, note),
  );
  const items = [...Map.groupBy(read, ({ accession }) => accession).values()].map(filingItem);
  return { ...found, items, entries: entries.length, repeated: read.length - items.length };
}

function edgarEntry(raw: XmlEntry, owner: Filer | undefined, style: TimeStyle, note: Note): Entry | string {
  // A company's feed has its facts in elements of the content.
  const content = contentOf(raw);
  const fact = (name: string): string => plainText(textOf(content[name]), 200);
  const accession = [raw.guid, raw.link, fact('accession-number')].map(accessionIn).find(Boolean);
  if (accession === undefined) return 'no accession number in id or link';
  const title = plainText(raw.title, 500);
  const [, formInTitle, name, cik, role] = TITLE.exec(title) ?? [];
  const filer =
    name === undefined || cik === undefined
      ? owner
      : { cik: cik.padStart(10, '0'), name, role: role?.toLowerCase() ?? null };
  if (filer === undefined) return `the title ${JSON.stringify(title)} is not "FORM - NAME (CIK) (Role)"`;
  const form = plainText(raw.categories[0], 40) || fact('filing-type').slice(0, 40) || (formInTitle ?? '');
  if (form === '') return 'no form';
  const [updated] = raw.dates;
  const filedAt = updated === undefined ? 'no time of the update' : feedTime(updated, style);
  if (typeof filedAt === 'string') return filedAt;
  const summary = plainText(raw.summary, 4_000);
  const filed = fact('filing-date') || (/Filed: (\d{4}-\d{2}-\d{2})/.exec(summary)?.[1] ?? '');
  if (filed !== '' && !isDay(filed)) note(`the filing date ${JSON.stringify(filed.slice(0, 40))} does not exist`);
  return {
    accession,
    form,
    filer,
    filedOn: isDay(filed) ? filed : dayIn(EDGAR_ZONE, filedAt),
    filedAt,
    items: itemsOf(summary, fact('items-desc')),
    link: webLink(raw.link, undefined),
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

/** The company of a company's feed. */
function companyOf(info: unknown): Filer | undefined {
  const element = (info ?? {}) as XmlElement;
  const cik = /^\d{1,10}$/.exec(plainText(textOf(element['cik']), 20))?.[0];
  const name = plainText(textOf(element['conformed-name']), 500);
  return cik === undefined || name === '' ? undefined : { cik: cik.padStart(10, '0'), name, role: null };
}

function contentOf({ elements }: XmlEntry): XmlElement {
  const [content] = [elements['content']].flat();
  return typeof content === 'object' && content !== null ? (content as XmlElement) : {};
}

function accessionIn(text: string | null): string | undefined {
  return ACCESSION.exec(text ?? '')?.[1];
}

/** `Item 2.02: Results` of a summary, and `items 2.02 and 9.01` of a company's feed. */
function itemsOf(summary: string, description: string): string[] {
  const named = [...summary.matchAll(/Item (\d{1,2}\.\d{2})/g)].map(([, item]) => item!);
  return [...named, ...[...description.matchAll(/\b\d{1,2}\.\d{2}\b/g)].map(([item]) => item)];
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}
