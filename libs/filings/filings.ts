import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Transactions } from '#database';
import type { AmendmentLink, FoundFiling, RegisteredFiling } from './edgar/filing.js';
import { FilingsRepository, type Pairing } from './register/filings.repository.js';
import { linkAmendment } from './edgar/link-amendment.js';
import { mergeFound } from './edgar/merge-found.js';
import { SummaryQueue } from './summaries/summary-queue.js';

/** The register of filings: one row per accession number, with any number of entries and filers. */
@Injectable()
export class Filings {
  constructor(
    private readonly filings: FilingsRepository,
    private readonly summaries: SummaryQueue,
    private readonly changes: Changes,
    private readonly transactions: Transactions,
    @InjectMetric('filings_registered_total') private readonly registered: Counter<'outcome'>,
    @InjectMetric('filings_amendments_total') private readonly amendments: Counter<'state'>,
  ) {}

  /**
   * Registers filings found by feeds inside the open transaction. Merges entries of one accession number with each
   * other and with the stored filing. Links amendments to their originals in any order of arrival, and queues summaries
   * of amended filings again.
   * @returns one filing per accession number, in the order of their first entries
   * @throws Error outside a transaction; DomainError FILINGS_ACCESSION_INVALID
   */
  async register(found: readonly FoundFiling[]): Promise<RegisteredFiling[]> {
    if (!this.transactions.isOpen)
      throw new Error('Filings.register() needs an open @Atomic(), so the filing and its event commit together.');
    const wanted = mergeFound(found);
    if (wanted.length === 0) return [];
    await this.filings.lockFilers(wanted.flatMap(({ filers }) => filers.map(({ cik }) => cik)));
    const written = new Map((await this.filings.upsert(wanted)).map((filing) => [filing.accession, filing]));
    const { links, touched } = await this.link([...written.keys()]);
    await this.filings.writeLinks(links);
    await this.summaries.filingsChanged(
      [...written.values()].filter(({ isNew }) => isNew),
      touched,
    );
    await this.changes.append('filings', [...new Set([...written.keys(), ...links.keys(), ...touched.keys()])]);
    const all = await this.withUnchanged(
      wanted.map(({ accession }) => accession),
      written,
    );
    this.transactions.afterCommit(() => this.count(all, written));
    return all.map((filing) => Object.assign(filing, links.get(filing.accession)));
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
    written: ReadonlyMap<string, RegisteredFiling>,
  ): Promise<RegisteredFiling[]> {
    const rest = accessions.filter((accession) => !written.has(accession));
    const unchanged = rest.length === 0 ? [] : await this.filings.find(rest);
    const known = new Map([...written, ...unchanged.map((filing) => [filing.accession, filing] as const)]);
    return accessions.map((accession) => known.get(accession)!);
  }

  private count(all: readonly RegisteredFiling[], written: ReadonlyMap<string, RegisteredFiling>): void {
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
