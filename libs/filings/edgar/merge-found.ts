import { canonicalTicker } from '#forms';
import { baseFormOf, checkedAccession, isAmendmentForm, paddedCik } from './accession.js';
import type { Filer, FoundFiling } from './filing.js';

/** A filing ready to be stored, merged from all its entries. */
export interface FilingToWrite {
  accession: string;
  form: string;
  baseForm: string;
  isAmendment: boolean;
  filers: Filer[];
  filedOn: string;
  filedAt: string;
  reportDate: string | null;
  items: string[];
  link: string | null;
  eventId: string | null;
  /** Every entry is one that its feed held before the feed was added. */
  heldBefore: boolean;
}

/**
 * Merges entries into one filing per accession number, in the order of their first entries. Each filer appears once per
 * role. Later entries fill fields that the first entry lacks.
 * @throws DomainError FILINGS_ACCESSION_INVALID
 */
export function mergeFound(found: readonly FoundFiling[]): FilingToWrite[] {
  const byAccession = new Map<string, FilingToWrite>();
  for (const entry of found) {
    const accession = checkedAccession(entry.accession);
    const known = byAccession.get(accession);
    if (known === undefined) byAccession.set(accession, written(entry));
    else add(known, entry);
  }
  return [...byAccession.values()];
}

function written(entry: FoundFiling): FilingToWrite {
  const form = entry.form.trim();
  return {
    accession: entry.accession,
    form,
    baseForm: baseFormOf(form),
    isAmendment: isAmendmentForm(form),
    filers: mergeFilers([], entry.filers),
    filedOn: entry.filedOn,
    filedAt: entry.filedAt.toISOString(),
    reportDate: entry.reportDate || null,
    items: [...(entry.items ?? [])],
    link: entry.link ?? null,
    eventId: entry.eventId ?? null,
    heldBefore: entry.heldBefore ?? false,
  };
}

function add(known: FilingToWrite, entry: FoundFiling): void {
  known.filers = mergeFilers(known.filers, entry.filers);
  known.reportDate ??= entry.reportDate || null;
  known.link ??= entry.link ?? null;
  known.eventId ??= entry.eventId ?? null;
  known.heldBefore &&= entry.heldBefore ?? false;
  if (known.items.length === 0) known.items = [...(entry.items ?? [])];
}

function mergeFilers(known: readonly Filer[], more: FoundFiling['filers']): Filer[] {
  const merged = [...known];
  for (const { cik, name, role = null, ticker = null } of more) {
    const filer = {
      cik: paddedCik(cik),
      name: name.trim(),
      role: role?.toLowerCase() ?? null,
      ticker: ticker === null ? null : canonicalTicker(ticker),
    };
    if (!merged.some((one) => one.cik === filer.cik && one.role === filer.role)) merged.push(filer);
  }
  return merged;
}
