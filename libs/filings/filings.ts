import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { allTickers, type AmendmentLink, type FoundFiling, type RegisteredFiling } from './edgar/filing.js';
import { FilingsRepository, type Pairing, type StoredFiling } from './register/filings.repository.js';
import { linkAmendment } from './edgar/link-amendment.js';
import { mergeFound } from './edgar/merge-found.js';
import { SummaryQueue } from './summaries/summary-queue.js';
import { FilerTickers } from './tickers/filer-tickers.service.js';

/** The register of filings: one row per accession number, with any number of entries and filers. */
@Injectable()
export class Filings {
  constructor(
    private readonly filings: FilingsRepository,
    private readonly tickers: FilerTickers,
    private readonly summaries: SummaryQueue,
    private readonly changes: Changes,
    private readonly transactions: Transactions,
    @InjectMetric('filings_registered_total') private readonly registered: Counter<'outcome'>,
    @InjectMetric('filings_amendments_total') private readonly amendments: Counter<'state'>,
  ) {}

  /**
   * Registers filings found by feeds inside the open transaction. Merges entries of one accession number with each
   * other and with the stored filing. Adds the tickers of filers, links amendments to their originals in any order of
   * arrival, and queues summaries of new filings, except those that a feed held before it was added, and again of amended ones.
   * @returns one filing per accession number, in the order of their first entries
   * @throws Error outside a transaction; DomainError FILINGS_ACCESSION_INVALID
   */
  async register(found: readonly FoundFiling[]): Promise<RegisteredFiling[]> {
    if (!this.transactions.isOpen)
      throw new Error('Filings.register() needs an open @Atomic(), so the filing and its event commit together.');
    const wanted = mergeFound(found);
    if (wanted.length === 0) return [];
    const ciks = wanted.flatMap(({ filers }) => filers.map(({ cik }) => cik));
    await this.filings.lockFilers(ciks);
    const tickers = await this.tickers.of(ciks);
    for (const filer of wanted.flatMap(({ filers }) => filers)) filer.ticker ??= tickers.get(filer.cik)?.[0] ?? null;
    const written = new Map((await this.filings.upsert(wanted)).map((filing) => [filing.accession, filing]));
    const { links, touched } = await this.link([...written.keys()]);
    await this.filings.writeLinks(links);
    const heldBefore = new Set(wanted.flatMap((filing) => (filing.heldBefore ? [filing.accession] : [])));
    await this.summaries.filingsChanged(
      [...written.values()].filter(({ isNew, accession }) => isNew && !heldBefore.has(accession)),
      touched,
    );
    await this.changes.append('filings', [...new Set([...written.keys(), ...links.keys(), ...touched.keys()])]);
    const all = await this.withUnchanged(
      wanted.map(({ accession }) => accession),
      written,
    );
    this.transactions.afterCommit(() => this.count(all, written));
    return all.map((filing) => {
      const known = filing.filers.flatMap(({ cik }) => tickers.get(cik) ?? []);
      return { ...filing, ...links.get(filing.accession), tickers: allTickers(filing.filers, known) };
    });
  }

  /**
   * Computes the links that change now that these filings are stored. Also returns each filing whose amendments
   * changed, with one of those amendments.
   */
  private async link(written: string[]): Promise<{ links: Map<string, AmendmentLink>; touched: Map<string, string> }> {
    const links = new Map<string, AmendmentLink>();
    const touched = new Map<string, string>();
    const amendments = Map.groupBy(
      written.length === 0 ? [] : await this.filings.pairings(written),
      ({ accession }) => accession,
    );
    for (const [accession, pairings] of amendments) {
      const candidates = pairings.flatMap(({ candidate }) => (candidate === null ? [] : [candidate]));
      const [amendment] = pairings as [Pairing, ...Pairing[]];
      const link = linkAmendment(amendment, candidates);
      if (sameLink(link, amendment.current)) continue;
      links.set(accession, link);
      this.amendments.inc({ state: link.state });
      const [before, after] = [targets(amendment.current), targets(link)];
      for (const target of [...before, ...after])
        if (before.includes(target) !== after.includes(target)) touched.set(target, accession);
    }
    return { links, touched };
  }

  private async withUnchanged(
    accessions: string[],
    written: ReadonlyMap<string, StoredFiling>,
  ): Promise<StoredFiling[]> {
    const rest = accessions.filter((accession) => !written.has(accession));
    const unchanged = rest.length === 0 ? [] : await this.filings.find(rest);
    const known = new Map([...written, ...unchanged.map((filing) => [filing.accession, filing] as const)]);
    return accessions.map((accession) => known.get(accession)!);
  }

  private count(all: readonly StoredFiling[], written: ReadonlyMap<string, StoredFiling>): void {
    for (const { accession, isNew } of all) {
      this.registered.inc({ outcome: isNew ? 'new' : written.has(accession) ? 'merged' : 'unchanged' });
    }
  }
}

function targets({ amends, candidates }: AmendmentLink): readonly string[] {
  return amends === null ? candidates : [amends];
}

function sameLink(a: AmendmentLink, b: AmendmentLink): boolean {
  return (
    a.state === b.state && a.amends === b.amends && a.basis === b.basis && a.candidates.join() === b.candidates.join()
  );
}
