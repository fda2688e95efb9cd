import type { Quote } from './quote.dto.js';

/** A quote as it is written. `batch` is the index of the request that sent it. */
export interface QuoteRow extends Quote {
  batch: number;
  /** `asOf` of the message that brought the previous close, which may be an older one of the same key. */
  previousCloseAsOf?: string | undefined;
}

/** What quotes of several requests leave behind, whatever their order. */
export interface MergedQuotes {
  /** The newest of each key, by broker and key, so that all writers lock rows in one order. */
  newest: QuoteRow[];
  /** The last of each earlier half hour. */
  marks: Quote[];
}

interface Merged {
  newest: Quote;
  batch: number;
  /** The newest quote that has a previous close. */
  closed: Quote | undefined;
  /** The last of each earlier half hour, by its start. */
  earlier: Map<string, Quote> | undefined;
}

/**
 * Merges the quotes of requests that are written together. Of equally new quotes of a key, the last of a request and the
 * first of several requests counts, as if the requests had been written one after the other.
 * @param batches the quotes of each request, `asOf` in UTC with microseconds
 */
export function mergeQuotes(batches: readonly (readonly Quote[])[]): MergedQuotes {
  const byKey = new Map<string, Merged>();
  for (const [batch, quotes] of batches.entries()) for (const quote of quotes) add(byKey, quote, batch);
  const entries = [...byKey.keys()].sort().map((id) => byKey.get(id)!);
  return {
    newest: entries.map(({ newest: { broker, key, price, asOf, kind, currency }, batch, closed }) => ({
      ...{ broker, key, price, asOf, kind, currency, batch },
      previousClose: closed?.previousClose,
      previousCloseDate: closed?.previousCloseDate,
      previousCloseAsOf: closed?.asOf,
    })),
    marks: entries.flatMap(({ earlier }) => [...(earlier?.values() ?? [])]),
  };
}

function add(byKey: Map<string, Merged>, quote: Quote, batch: number): void {
  const id = `${quote.broker} ${quote.key}`;
  const hasClose = quote.previousClose !== undefined;
  const known = byKey.get(id);
  if (known === undefined) {
    byKey.set(id, { newest: quote, batch, closed: hasClose ? quote : undefined, earlier: undefined });
    return;
  }
  if (hasClose && !(known.closed && isNewer(known.closed, quote, known.batch === batch))) known.closed = quote;
  let older = quote;
  if (!isNewer(known.newest, quote, known.batch === batch)) {
    older = known.newest;
    known.newest = quote;
    known.batch = batch;
  }
  const slot = halfHourOf(older.asOf);
  if (slot === halfHourOf(known.newest.asOf)) return;
  const last = known.earlier?.get(slot);
  if (last === undefined || last.asOf <= older.asOf) (known.earlier ??= new Map<string, Quote>()).set(slot, older);
}

/** Whether `known` stays when `other` comes. */
function isNewer(known: Quote, other: Quote, sameBatch: boolean): boolean {
  return known.asOf > other.asOf || (known.asOf === other.asOf && !sameBatch);
}

/** Start of the half hour of a time in UTC. */
function halfHourOf(utc: string): string {
  return `${utc.slice(0, 14)}${utc.slice(14, 16) < '30' ? '00' : '30'}`;
}
